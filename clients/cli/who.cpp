// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>
#include <set>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/moment.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/presence/audience.hpp"
#include "clients/cli/presence/knowledge.hpp"
#include "clients/cli/presence/past.hpp"
#include "clients/cli/views.hpp"
#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

struct Options {
  std::string group;
  std::string at;
  std::string state = "online";
  std::size_t limit = 1'000;
};

// One statement each, so that counts and rows are of one moment.
constexpr const char* kNow =
    "WITH n AS MATERIALIZED (SELECT source, member_id, jid, state, show, priority, status, since, "
    "online_since, "
    "resources, last_seen, uncertain FROM presence.member_now n "
    "WHERE $1 = '' OR EXISTS (SELECT FROM directory.audience_group g "
    "WHERE g.source = n.source AND g.member_id = n.member_id AND g.group_id = $1)) "
    "SELECT json_build_object('at', now(), "
    "'online', (SELECT count(*) FROM n WHERE state = 'online'), "
    "'offline', (SELECT count(*) FROM n WHERE state = 'offline'), "
    "'unknown', (SELECT count(*) FROM n WHERE state = 'unknown'), "
    "'members', coalesce((SELECT json_agg(m) FROM (SELECT * FROM n WHERE $2 IN ('all', state) "
    "ORDER BY source, member_id LIMIT $3::bigint) AS m), '[]'))";
constexpr const char* kThen =
    "WITH n AS MATERIALIZED (SELECT source, member_id, jid, state FROM presence.online_at($4::timestamptz) n "
    "WHERE $1 = '' OR EXISTS (SELECT FROM directory.audience_group g "
    "WHERE g.source = n.source AND g.member_id = n.member_id AND g.group_id = $1)), "
    "d AS (SELECT DISTINCT split_part(jid, '@', 2) AS domain FROM n) "
    "SELECT json_build_object('at', $4::timestamptz, "
    "'online', (SELECT count(*) FROM n WHERE state = 'online'), "
    "'offline', (SELECT count(*) FROM n WHERE state = 'offline'), "
    "'unknown', (SELECT count(*) FROM n WHERE state = 'unknown'), "
    "'domains', coalesce((SELECT json_agg(k ORDER BY domain) FROM (SELECT d.domain, inside.began_at, "
    "inside.ended_at, before.ended_at AS lost_at, before.reason, "
    "(SELECT min(c.began_at) FROM presence.coverages c WHERE c.domain = d.domain "
    "AND c.began_at > $4::timestamptz) AS regained_at FROM d "
    "LEFT JOIN LATERAL (SELECT began_at, ended_at FROM presence.coverages c WHERE c.domain = d.domain "
    "AND c.began_at <= $4::timestamptz AND (c.ended_at IS NULL OR $4::timestamptz < c.ended_at) "
    "ORDER BY began_at DESC LIMIT 1) AS inside ON true "
    "LEFT JOIN LATERAL (SELECT ended_at, reason FROM presence.coverages c WHERE c.domain = d.domain "
    "AND c.ended_at <= $4::timestamptz ORDER BY ended_at DESC LIMIT 1) AS before ON true) AS k), '[]'), "
    "'members', coalesce((SELECT json_agg(m) FROM (SELECT * FROM n WHERE $2 IN ('all', state) "
    "ORDER BY source, member_id LIMIT $3::bigint) AS m), '[]'))";

/// A name for people only, where the sites' ids could be confused.
bool has_several_sites(const Json& members) {
  std::set<std::string> sites;
  for (const auto& member : members) sites.insert(member.at("source").get<std::string>());
  return sites.size() > 1;
}

std::vector<Field> fields_now(const std::string& state) {
  const Field member{"member_id", "MEMBER", false, true};
  const Field show{"show", "SHOW"};
  const Field status{"status", "STATUS"};
  const Field devices{"resources", "DEVICES", true};
  const Field online_since{"online_since", "ONLINE SINCE", false, true};
  const Field last_seen{"last_seen", "LAST SEEN", false, true};
  if (state == "online")
    return {member, show, {"since", "SINCE", false, true}, status, devices, online_since};
  if (state == "all") return {member, {"state", "STATE"}, show, status, devices, online_since, last_seen};
  return {member, {"jid", "JID"}, {"state", "STATE"}, last_seen};
}

/// Rows as people read them: a moment that is a guess begins with "~"; what was last said is no present
/// state.
Json for_people(const Json& members) {
  Json rows = members;
  for (auto& row : rows) {
    const bool online = row.at("state") == "online";
    if (online) row["last_seen"] = nullptr;
    if (!online) row["resources"] = nullptr;
    for (const auto* key : {"online_since", "last_seen"}) {
      if (row.at("uncertain").get<bool>() && !row.at(key).is_null()) row[key] = "~" + cell(row.at(key));
    }
  }
  return rows;
}

bool has_guesses(const Json& members) {
  for (const auto& member : members) {
    if (member.value("uncertain", false)) return true;
  }
  return false;
}

void print_members(Session& session, const Options& options, const Json& answer, std::vector<Field> fields) {
  const Json& members = answer.at("members");
  if (has_several_sites(members)) fields.insert(fields.begin(), {"source", "SITE"});
  if (!members.empty()) {
    print_rows(session, options.at.empty() ? for_people(members) : members, fields);
    session.out << '\n';
  }
  if (options.at.empty() && has_guesses(members))
    session.out << "~ at about: our view was lost at that time, or in between\n";
}

/// How many there are of those one asked for, shown or not.
std::size_t all_of(const Json& answer, const std::string& state) {
  const auto count = [&answer](const std::string& of) { return answer.at(of).get<std::size_t>(); };
  return state == "all" ? count("online") + count("offline") + count("unknown") : count(state);
}

void print_counts(Session& session, const Options& options, const Json& answer) {
  session.out << (options.group.empty() ? "" : "group " + printable(options.group, 256) + ": ")
              << answer.at("online") << " online, " << answer.at("offline") << " offline, "
              << answer.at("unknown") << " unknown";
  if (!options.at.empty()) session.out << " at " << cell(answer.at("at"));
  session.out << '\n';
  if (all_of(answer, options.state) > options.limit)
    session.err << "only the first " << options.limit << " are shown; --limit shows more\n";
}

ExitCode who_is_now(Session& session, const Options& options, const Views& views) {
  Json answer = views.select_one(kNow, {options.group, options.state, std::to_string(options.limit)}, "");
  answer["domains"] = read_domains(views);
  if (session.json) {
    print_json(session, answer);
    return ExitCode::kOk;
  }
  print_members(session, options, answer, fields_now(options.state));
  print_knowledge(session, answer.at("domains"));
  print_counts(session, options, answer);
  return ExitCode::kOk;
}

ExitCode who_was_then(Session& session, const Options& options, const Views& views) {
  const Moment moment = *parse_moment(options.at, now());
  if (moment > now()) throw Failure{ExitCode::kUsage, "--at: " + to_rfc3339(moment) + " is still to come"};
  const Json answer = views.select_one(
      kThen, {options.group, options.state, std::to_string(options.limit), to_rfc3339(moment)}, "");
  if (session.json) {
    print_json(session, answer);
    return ExitCode::kOk;
  }
  print_members(session, options, answer,
                {{"member_id", "MEMBER", false, true}, {"jid", "JID"}, {"state", "STATE"}});
  for (const auto& domain : answer.at("domains"))
    session.out << printable(past_knowledge_of(domain), 1'024) << '\n';
  print_counts(session, options, answer);
  return ExitCode::kOk;
}

ExitCode who(Session& session, const Options& options) {
  const Views views(session);
  expect_group(views, options.group);
  return options.at.empty() ? who_is_now(session, options, views) : who_was_then(session, options, views);
}

}  // namespace

void add_who(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command = add_command(app, "who", "Show who is online, or was; and whether that is known",
                              "  rostrum who\n"
                              "  rostrum who --group editors --state all\n"
                              "  rostrum who --at 20:15         # last time it was 20:15, UTC\n"
                              "  rostrum who --at 15m           # a quarter of an hour ago\n");
  command->add_option("--group", options->group, "only members of this group")->type_name("ID");
  command->add_option("--at", options->at, std::string("at this moment: ") + kMomentHelp)
      ->type_name("TIME")
      ->check(check_moment);
  add_choice(*command, "--state", options->state, "whom to show", {"online", "offline", "unknown", "all"});
  add_limit(*command, options->limit);
  set_action(*command, session, options, who);
}

}  // namespace rostrum::cli
