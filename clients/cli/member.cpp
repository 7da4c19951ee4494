// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/input.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/site.hpp"
#include "clients/cli/views.hpp"

namespace rostrum::cli {

namespace {

struct Options {
  std::string id;
  Member member;
  std::string password_file;
  std::uint64_t revision = 0;
  std::string group;
  std::string state;
  std::size_t limit = 1'000;
};

constexpr const char* kShow =
    "SELECT row_to_json(m) FROM (SELECT source, member_id, jid, display_name, groups, account_state, since, "
    "reason, revision, present "
    "FROM directory.members WHERE member_id = $1 ORDER BY source) AS m";
constexpr const char* kList =
    "SELECT row_to_json(m) FROM (SELECT source, member_id, jid, display_name, groups, account_state, since, "
    "reason "
    "FROM directory.members WHERE ($1 = '' OR $1 = ANY (groups)) AND ($2 = '' OR account_state = $2) "
    "ORDER BY source, member_id LIMIT $3::bigint) AS m";

ExitCode add(Session& session, const Options& options) {
  Member member = options.member;
  if (!options.password_file.empty())
    member.password = read_password(session, options.password_file).reveal();
  auto event = with_revision(member_upserted(options.id, std::move(member)), options.revision);
  return report(session, "member " + options.id, publish(session, Intake::kRegistration, std::move(event)));
}

ExitCode remove(Session& session, const Options& options) {
  auto event = with_revision(member_removed(options.id), options.revision);
  return report(session, "member " + options.id, publish(session, Intake::kRegistration, std::move(event)));
}

ExitCode show(Session& session, const Options& options) {
  print_record(session,
               Views(session).select_one(kShow, {options.id},
                                         "no member " + options.id + "; `rostrum member list` shows all"));
  return ExitCode::kOk;
}

ExitCode list(Session& session, const Options& options) {
  auto rows = Views(session).select(kList, {options.group, options.state, std::to_string(options.limit + 1)});
  const bool more = drop_behind(rows, options.limit);
  print_rows(session, rows,
             {{"source", "SITE"},
              {"member_id", "MEMBER", false, true},
              {"jid", "JID"},
              {"display_name", "NAME"},
              {"groups", "GROUPS"},
              {"account_state", "ACCOUNT"},
              {"since", "SINCE"},
              {"reason", "REASON"}});
  if (more) session.err << "only the first " << options.limit << " are shown; --limit shows more\n";
  return ExitCode::kOk;
}

void declare_add(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(
      family, "add", "State a member as a whole: makes the account, or changes name and groups",
      "  rostrum member add anna --jid anna@example.org --name Anna --group editors --password-file -\n"
      "  rostrum member add anna --jid anna@example.org --name \"Anna B.\"    # leaves all groups, keeps the "
      "password\n");
  command->add_option("ID", options->id, "the site's own id of the member")->required();
  command->add_option("--jid", options->member.jid, "bare JID of the account; can never change")
      ->required()
      ->type_name("JID");
  command->add_option("--name", options->member.display_name, "name for people")->type_name("NAME");
  command
      ->add_option("--group", options->member.groups,
                   "a group the member belongs to; may be repeated, replaces what was before")
      ->type_name("ID")
      ->allow_extra_args(false);
  command
      ->add_option("--password-file", options->password_file,
                   "its first line is the password; - reads standard input. Needed for a new account")
      ->type_name("FILE");
  add_revision(*command, options->revision);
  set_action(*command, session, options, add);
}

void declare_remove(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command =
      add_command(family, "remove", "Remove a member and the account", "  rostrum member remove anna\n");
  command->add_option("ID", options->id, "the site's own id of the member")->required();
  add_revision(*command, options->revision);
  set_action(*command, session, options, remove);
}

void declare_show(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(family, "show", "Show a member and how far the account is",
                              "  rostrum member show anna\n  rostrum --json member show anna\n");
  command->add_option("ID", options->id, "the site's own id of the member")->required();
  set_action(*command, session, options, show);
}

void declare_list(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(family, "list", "List members",
                              "  rostrum member list --group editors\n"
                              "  rostrum member list --state dead      # and why\n");
  command->add_option("--group", options->group, "only members of this group")->type_name("ID");
  add_choice(*command, "--state", options->state, "only accounts in this state",
             {"requested", "attempting", "active", "removing", "removed", "dead", "dropped"});
  add_limit(*command, options->limit);
  set_action(*command, session, options, list);
}

}  // namespace

void add_member(CLI::App& app, Session& session) {
  auto* family = add_family(app, "member", "State, remove and look at members");
  const auto options = std::make_shared<Options>();
  for (const auto declare : {declare_add, declare_remove, declare_show, declare_list})
    declare(*family, session, options);
  add_member_import(*family, session);
}

}  // namespace rostrum::cli
