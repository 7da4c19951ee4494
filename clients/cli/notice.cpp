// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/progress.hpp"
#include "clients/cli/views.hpp"
#include "common/base/uuid.hpp"

namespace rostrum::cli {

namespace {

struct Options {
  std::string id;
  bool text = false;
  std::size_t limit = 50;
};

constexpr const char* kList =
    "SELECT row_to_json(n) FROM (SELECT notice_id, source, kind, state, audience, audience_ids, title, "
    "published_at, expires_at, done_at, "
    "total, queued, sent, delivered, failed, expired, suppressed, reason FROM notification.notices "
    "ORDER BY published_at DESC, notice_id DESC LIMIT $1::bigint) AS n";
constexpr const char* kText =
    "SELECT to_json(body) FROM notification.notice_texts WHERE notice_id = $1::uuid";
constexpr const char* kReasons =
    "SELECT row_to_json(r) FROM (SELECT state, reason, count(*) AS members FROM notification.dead_letters "
    "WHERE notice_id = $1::uuid AND member_id IS NOT NULL "
    "GROUP BY state, reason ORDER BY count(*) DESC, state, reason LIMIT 20) AS r";

void print_reasons(Session& session, const Json& reasons) {
  for (const auto& reason : reasons) {
    session.out << reason.at("state").get<std::string>() << ": " << reason.at("members") << " \u00d7 "
                << cell(reason.at("reason")) << '\n';
  }
}

ExitCode show(Session& session, const Options& options) {
  if (!Uuid::parse(options.id)) throw Failure{ExitCode::kUsage, "not the id of a notice: " + options.id};
  Json notice = read_notice(session, options.id);
  if (notice.is_null())
    throw Failure{ExitCode::kFailed, "no notice " + options.id + "; `rostrum notice list` shows the latest"};
  const Views views(session);
  if (options.text) notice["text"] = views.select_one(kText, {options.id}, "the notice is gone");
  const Json reasons = views.select(kReasons, {options.id});
  if (session.json) {
    notice["dead_letters"] = reasons;
    print_json(session, notice);
    return ExitCode::kOk;
  }
  print_record(session, notice);
  print_reasons(session, reasons);
  return ExitCode::kOk;
}

ExitCode list(Session& session, const Options& options) {
  const auto rows = Views(session).select(kList, {std::to_string(options.limit)});
  print_rows(session, rows,
             {{"notice_id", "NOTICE", false, true},
              {"kind", "KIND"},
              {"total", "TOTAL", true},
              {"queued", "QUEUED", true},
              {"sent", "SENT", true},
              {"delivered", "DELIV.", true},
              {"failed", "FAILED", true},
              {"title", "TITLE"}});
  return ExitCode::kOk;
}

}  // namespace

void add_notice(CLI::App& app, Session& session) {
  auto* family = add_family(app, "notice", "Look at announcements and alerts");
  const auto options = std::make_shared<Options>();

  auto* show_command =
      add_command(*family, "show", "Show a notice, how far it has come, and why deliveries failed",
                  "  rostrum notice show 0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b --text\n");
  show_command->add_option("ID", options->id, "the notice's id, as `announce` said it")->required();
  show_command->add_flag("--text", options->text, "also what it says");
  set_action(*show_command, session, options, show);

  auto* list_command = add_command(*family, "list", "List the latest notices with their progress",
                                   "  rostrum notice list --limit 10\n");
  add_limit(*list_command, options->limit);
  set_action(*list_command, session, options, list);
}

}  // namespace rostrum::cli
