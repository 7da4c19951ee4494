// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/duration.hpp"
#include "clients/cli/input.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/progress.hpp"
#include "clients/cli/site.hpp"

namespace rostrum::cli {

namespace {

struct Options {
  bool is_alert = false;
  bool all = false;
  std::vector<std::string> groups;
  std::vector<std::string> members;
  std::string title;
  std::string text;
  std::string expires_in;
  bool wait = false;
  std::string timeout = "10m";
};

Audience audience_of(const Options& options) {
  const int named = int{options.all} + int{!options.groups.empty()} + int{!options.members.empty()};
  if (named != 1) throw Failure{ExitCode::kUsage, "to whom? exactly one of --all, --group ID, --member ID"};
  if (options.all) return to_all();
  return options.groups.empty() ? to_members(options.members) : to_groups(options.groups);
}

Event event_of(Session& session, const Options& options) {
  Notice notice{.text = read_text(session, options.text), .title = options.title};
  if (const auto expires_in = parse_duration(options.expires_in))
    notice.expires_at = std::chrono::system_clock::now() + *expires_in;
  auto audience = audience_of(options);
  return options.is_alert ? alert(std::move(audience), std::move(notice))
                          : announcement(std::move(audience), std::move(notice));
}

ExitCode report_end(Session& session, const Json& notice) {
  if (session.json) {
    Json answer{{"event_id", notice.at("notice_id")}, {"status", "accepted"}};
    answer.update(notice);
    print_json(session, answer);
  } else {
    session.out << progress_line(notice) << '\n';
  }
  if (notice.at("total") == 0 && !session.json)
    session.err << "nobody was reached: is the group stated (`rostrum group list`), has it members?\n";
  const bool all_sent = notice.at("failed") == 0 && notice.at("expired") == 0;
  if (!all_sent && !session.json)
    session.err << "`rostrum notice show " << notice.at("notice_id").get<std::string>() << "` tells why\n";
  return all_sent ? ExitCode::kOk : ExitCode::kFailed;
}

ExitCode say(Session& session, const Options& options) {
  const auto outcome = publish(session, Intake::kNotification, event_of(session, options));
  const std::string what = options.is_alert ? "alert" : "announcement";
  if (!options.wait || !outcome.committed()) return report(session, what, outcome);
  if (!session.json) report(session, what, outcome);
  try {
    return report_end(session, wait_until_done(session, outcome.event_id, *parse_duration(options.timeout)));
  } catch (const Failure& failure) {
    // Never "not now": whoever repeats the command then would say it twice.
    throw Failure{ExitCode::kFailed, "the " + what + " was accepted (do not repeat it); " + failure.text};
  }
}

void declare(CLI::App& app, Session& session, const std::string& name, const std::string& summary,
             bool is_alert, const std::string& examples) {
  const auto options = std::make_shared<Options>();
  options->is_alert = is_alert;
  auto* command = add_command(app, name, summary, examples);
  const std::string audience = "To whom (exactly one of these)";
  command->add_flag("--all", options->all, "all members of the site")->group(audience);
  command->add_option("--group", options->groups, "members of this group; may be repeated, each member once")
      ->type_name("ID")
      ->allow_extra_args(false)
      ->group(audience);
  command->add_option("--member", options->members, "this member; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false)
      ->group(audience);
  command->add_option("--title", options->title, "title")->type_name("TITLE");
  command
      ->add_option("--expires-in", options->expires_in,
                   "after so long nothing more is sent: 90s, 15m, 2h, 1d12h")
      ->type_name("TIME")
      ->check(check_duration);
  command->add_flag("--wait", options->wait,
                    "show the progress until every message is sent or has failed; exit 1 if any failed");
  command->add_option("--timeout", options->timeout, "how long --wait waits")
      ->type_name("TIME")
      ->capture_default_str()
      ->check(check_duration);
  command->add_option("TEXT", options->text, "what is said; - reads standard input")->required();
  set_action(*command, session, options, say);
}

}  // namespace

void add_announce(CLI::App& app, Session& session) {
  declare(app, session, "announce", "Say something to many: all members, groups, or members by name", false,
          "  rostrum announce --all --title \"Tonight\" \"The site is down from 22:00 to 22:30.\"\n"
          "  rostrum announce --group editors --group printers --expires-in 1d --wait - < deadline.txt\n");
  declare(app, session, "alert", "Say something urgent to few; overtakes announcements", true,
          "  rostrum alert --member anna --member ben --expires-in 15m --wait \"The printing machine stands "
          "still.\"\n");
}

}  // namespace rostrum::cli
