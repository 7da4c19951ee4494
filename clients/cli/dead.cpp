// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <memory>
#include <ostream>
#include <tuple>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/dead/letters.hpp"
#include "clients/cli/dead/operation.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/duration.hpp"
#include "clients/cli/moment.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/views.hpp"

namespace rostrum::cli {

namespace {

using dead::Filter;
using dead::Letter;
using dead::Operation;

struct Options {
  Filter filter;
  std::size_t limit = 50;
  std::size_t most = 0;  ///< replay, drop: nought is all
  std::string id;
  std::string extend;
  bool all = false;
  bool yes = false;
  bool dry_run = false;
  bool text = false;
};

constexpr const char* kTexts =
    "SELECT row_to_json(t) FROM (SELECT title, body AS text FROM notification.notice_texts WHERE notice_id = "
    "$1::uuid) AS t";
std::string counted(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " dead letter" : " dead letters");
}

ExitCode list(Session& session, const Options& options) {
  const Json answer = dead::read_letters(Views(session), options.filter, options.limit);
  if (session.json) {
    print_json(session, answer);
    return ExitCode::kOk;
  }
  print_rows(session, answer.at("counts"),
             {{"service", "SERVICE"}, {"reason", "REASON"}, {"count", "DEAD LETTERS", true}});
  if (answer.at("letters").empty()) return ExitCode::kOk;
  session.out << '\n';
  print_rows(session, answer.at("letters"),
             {{"id", "ID", false, true},
              {"action", "ACTION"},
              {"reason", "REASON"},
              {"member_id", "MEMBER"},
              {"attempts", "ATT.", true},
              {"since", "SINCE"}});
  std::size_t all = 0;
  for (const auto& count : answer.at("counts")) all += count.at("count").get<std::size_t>();
  if (all > answer.at("letters").size())
    session.err << "only the latest " << answer.at("letters").size() << " of " << all
                << " are shown; --limit shows more\n";
  return ExitCode::kOk;
}

std::string what_replay_does(const std::string& replay) {
  if (dead::can_be_replayed(replay, false))
    return replay + ", under the same idempotency key, with a fresh count";
  return "nothing (" + replay + "): " + dead::explain_refusal(replay);
}

ExitCode show(Session& session, const Options& options) {
  const Views views(session);
  Filter filter;
  filter.ids = {options.id};
  const Json answer = dead::read_letters(views, filter, 1);
  if (answer.at("letters").empty())
    throw Failure{ExitCode::kFailed, dead::explain_absence(views, options.id)};
  Json letter = answer.at("letters").front();
  if (options.text && !letter.at("notice_id").is_null())
    letter.update(views.select_one(kTexts, {cell(letter.at("notice_id"))}, "the notice is gone"));
  if (!session.json) letter["replay"] = what_replay_does(cell(letter.at("replay")));
  print_record(session, letter);
  return ExitCode::kOk;
}

/// How many of which kind, and what would be done with them.
Json plan_of(const std::vector<Letter>& letters, const Operation& operation) {
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> counts;
  for (const auto& letter : letters) {
    const bool replays = operation.kind == Operation::Kind::kReplay;
    const bool can = !replays || dead::can_be_replayed(letter.replay, !operation.extend_by.empty());
    const std::string does = !replays                         ? "drop"
                             : !can                           ? "nothing: " + letter.replay
                             : letter.replay == "past-expiry" ? "try again, extended"
                                                              : letter.replay;
    ++counts[{letter.service, letter.reason, does}];
  }
  Json plan = Json::array();
  for (const auto& [kind, count] : counts)
    plan.push_back({{"service", std::get<0>(kind)},
                    {"reason", std::get<1>(kind)},
                    {"would", std::get<2>(kind)},
                    {"count", count}});
  return plan;
}

void print_plan(Session& session, const Json& plan, std::size_t count) {
  if (session.json) return print_json(session, {{"dead_letters", count}, {"plan", plan}, {"done", false}});
  print_rows(
      session, plan,
      {{"service", "SERVICE"}, {"reason", "REASON"}, {"would", "WOULD"}, {"count", "DEAD LETTERS", true}});
  session.out << '\n' << counted(count) << "; nothing was changed: --yes does it\n";
}

/// True: everything was done, nothing refused.
bool print_outcomes(Session& session, const dead::Outcomes& outcomes) {
  std::size_t done = 0, refused = 0;
  for (const auto& [word, count] : outcomes)
    (word == "replayed" || word == "dropped" ? done : refused) += count;
  if (session.json) {
    print_json(session, {{"outcomes", outcomes}, {"done", true}});
    return refused == 0;
  }
  for (const auto& [word, count] : outcomes) {
    if (word == "replayed" || word == "dropped") {
      session.out << word << ' ' << counted(count) << '\n';
    } else {
      session.err << counted(count) << " not (" << word << "): " << dead::explain_refusal(word) << '\n';
    }
  }
  return refused == 0;
}

ExitCode operate(Session& session, const Options& options, const Operation& operation) {
  if (options.filter.is_empty() && !options.all)
    throw Failure{ExitCode::kUsage,
                  "which dead letters? Name ids, filter them (--reason, --member …), or say --all"};
  if (options.yes && options.dry_run)
    throw Failure{ExitCode::kUsage, "--yes and --dry-run exclude each other"};
  for (const auto& id : options.filter.ids) {
    if (!dead::is_id(id))
      throw Failure{ExitCode::kUsage,
                    "'" + id + "' is not the id of a dead letter; `rostrum dead list` shows them"};
  }
  auto letters = dead::read_marked(Views(session), options.filter, options.most);
  if (letters.size() < options.filter.ids.size() && options.most == 0)
    session.err << letters.size() << " dead letters for " << options.filter.ids.size()
                << " ids: the others are none any more, are named twice, or the filter leaves them out\n";
  if (letters.empty()) {
    if (!options.filter.ids.empty())
      throw Failure{ExitCode::kFailed, "none of these is a dead letter that the filter lets through"};
    if (session.json) print_json(session, {{"dead_letters", 0}, {"plan", Json::array()}, {"done", false}});
    session.err << "none\n";
    return ExitCode::kOk;
  }
  if (!options.yes) {
    print_plan(session, plan_of(letters, operation), letters.size());
    return ExitCode::kOk;
  }
  // By service, so that portions are full.
  std::stable_partition(letters.begin(), letters.end(),
                        [](const auto& one) { return one.service == "registration"; });
  return print_outcomes(session, dead::carry_out(session, operation, letters)) ? ExitCode::kOk
                                                                               : ExitCode::kRejected;
}

ExitCode replay(Session& session, const Options& options) {
  Operation operation{Operation::Kind::kReplay, ""};
  if (const auto extend = parse_duration(options.extend))
    operation.extend_by = std::to_string(extend->count()) + " seconds";
  return operate(session, options, operation);
}

ExitCode drop(Session& session, const Options& options) {
  return operate(session, options, {Operation::Kind::kDrop, ""});
}

/// An empty value would let all through: a variable that was not set must not drop everything.
std::string check_said(const std::string& text) {
  return text.empty() ? "must not be empty" : std::string();
}

void add_filter(CLI::App& command, Filter& filter) {
  add_choice(command, "--service", filter.service, "only of this service", {"registration", "notification"});
  command.add_option("--reason", filter.reason, "only for this reason, e.g. conflict")
      ->type_name("REASON")
      ->check(check_said);
  add_choice(command, "--action", filter.action, "only where this was not done",
             {"create_account", "set_password", "remove_account", "none", "send_message", "expand_notice"});
  command.add_option("--member", filter.member, "only of this member, by the site's own id")
      ->type_name("ID")
      ->check(check_said);
  command.add_option("--notice", filter.notice, "only of this notice")->type_name("ID")->check(check_said);
  command.add_option("--source", filter.source, "only of this site, by the name of its key")
      ->type_name("SITE")
      ->check(check_said);
  command.add_option("--since", filter.since, std::string("only given up since then: ") + kMomentHelp)
      ->type_name("MOMENT")
      ->check(check_moment);
  command.add_option("--before", filter.before, "only given up before then")
      ->type_name("MOMENT")
      ->check(check_moment);
}

void declare_list(CLI::App& family, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command = add_command(family, "list", "Count dead letters by reason, and list the latest",
                              "  rostrum dead list\n"
                              "  rostrum dead list --service registration --reason conflict\n"
                              "  rostrum dead list --since 1d --limit 500\n");
  add_filter(*command, options->filter);
  add_limit(*command, options->limit);
  set_action(*command, session, options, list);
}

void declare_show(CLI::App& family, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command = add_command(family, "show", "Show all that is known of one, and what a replay would do",
                              "  rostrum dead show 0b0f8c1e-9a1d-4c7b-8f57-2f7a3c6f0e11\n");
  command->add_option("ID", options->id, "as `rostrum dead list` shows it")->required();
  command->add_flag("--text", options->text, "also what the notice says");
  set_action(*command, session, options, show);
}

CLI::App* declare_operation(CLI::App& family, const std::shared_ptr<Options>& options,
                            const std::string& name, const std::string& summary,
                            const std::string& examples) {
  auto* command = add_command(family, name, summary, examples);
  command->add_option("ID", options->filter.ids, "as `rostrum dead list` shows them");
  add_filter(*command, options->filter);
  command->add_flag("--all", options->all, "all there are; needed where nothing else is said");
  command->add_option("--limit", options->most, "at most so many, the oldest first")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000'000).description(""));
  command->add_flag("--dry-run", options->dry_run, "only say what would be done: so it is without --yes");
  command->add_flag("--yes", options->yes, "do it");
  return command;
}

void declare_replay(CLI::App& family, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command =
      declare_operation(family, options, "replay", "Have them tried again: count first, then with --yes",
                        "  rostrum dead replay --reason nobody-there\n"
                        "  rostrum dead replay --reason nobody-there --yes\n"
                        "  rostrum dead replay --notice 0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b --extend 2h "
                        "--yes\n");
  command
      ->add_option("--extend", options->extend,
                   "what is past its notice's expiry may be sent for so long: 90s, 2h")
      ->type_name("DURATION")
      ->check(check_duration);
  set_action(*command, session, options, replay);
}

void declare_drop(CLI::App& family, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command =
      declare_operation(family, options, "drop", "Leave them at that, for good: count first, then with --yes",
                        "  rostrum dead drop --reason unknown-member --before 30d\n"
                        "  rostrum dead drop --reason unknown-member --before 30d --yes\n");
  set_action(*command, session, options, drop);
}

}  // namespace

void add_dead(CLI::App& app, Session& session) {
  auto* family = add_family(app, "dead", "Look at, replay and drop dead letters: work that was given up");
  for (const auto declare : {declare_list, declare_show, declare_replay, declare_drop})
    declare(*family, session);
}

}  // namespace rostrum::cli
