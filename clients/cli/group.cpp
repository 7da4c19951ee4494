// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/site.hpp"
#include "clients/cli/views.hpp"

namespace rostrum::cli {

namespace {

struct Options {
  std::string id;
  std::string title;
  std::uint64_t revision = 0;
  std::size_t limit = 1'000;
};

constexpr const char* kShow =
    "SELECT row_to_json(g) FROM (SELECT source, group_id, title, member_count, revision FROM "
    "directory.groups "
    "WHERE group_id = $1 ORDER BY source) AS g";
constexpr const char* kList =
    "SELECT row_to_json(g) FROM (SELECT source, group_id, title, member_count FROM directory.groups "
    "ORDER BY source, group_id LIMIT $1::bigint) AS g";

ExitCode add(Session& session, const Options& options) {
  auto event = with_revision(group_upserted(options.id, options.title), options.revision);
  return report(session, "group " + options.id, publish(session, Intake::kRegistration, std::move(event)));
}

ExitCode remove(Session& session, const Options& options) {
  auto event = with_revision(group_removed(options.id), options.revision);
  return report(session, "group " + options.id, publish(session, Intake::kRegistration, std::move(event)));
}

ExitCode show(Session& session, const Options& options) {
  print_record(session,
               Views(session).select_one(kShow, {options.id},
                                         "no group " + options.id + "; `rostrum group list` shows all"));
  return ExitCode::kOk;
}

ExitCode list(Session& session, const Options& options) {
  auto rows = Views(session).select(kList, {std::to_string(options.limit + 1)});
  const bool more = drop_behind(rows, options.limit);
  print_rows(
      session, rows,
      {{"source", "SITE"}, {"group_id", "GROUP"}, {"title", "TITLE"}, {"member_count", "MEMBERS", true}});
  if (more) session.err << "only the first " << options.limit << " are shown; --limit shows more\n";
  return ExitCode::kOk;
}

void declare_add(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(family, "add", "State a group: makes it, or changes its title",
                              "  rostrum group add editors --title \"The editors\"\n");
  command->add_option("ID", options->id, "the site's own id of the group")->required();
  command->add_option("--title", options->title, "name for people")->required()->type_name("TITLE");
  add_revision(*command, options->revision);
  set_action(*command, session, options, add);
}

void declare_remove(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(family, "remove", "Remove a group; its members stay members",
                              "  rostrum group remove editors\n");
  command->add_option("ID", options->id, "the site's own id of the group")->required();
  add_revision(*command, options->revision);
  set_action(*command, session, options, remove);
}

void declare_show(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(family, "show", "Show a group", "  rostrum group show editors\n");
  command->add_option("ID", options->id, "the site's own id of the group")->required();
  set_action(*command, session, options, show);
}

void declare_list(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(family, "list", "List groups", "  rostrum group list\n");
  add_limit(*command, options->limit);
  set_action(*command, session, options, list);
}

}  // namespace

void add_group(CLI::App& app, Session& session) {
  auto* family = add_family(app, "group", "State, remove and look at groups");
  const auto options = std::make_shared<Options>();
  for (const auto declare : {declare_add, declare_remove, declare_show, declare_list})
    declare(*family, session, options);
}

}  // namespace rostrum::cli
