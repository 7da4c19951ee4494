// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/duration.hpp"
#include "clients/cli/moment.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/presence/changes.hpp"
#include "clients/cli/presence/course.hpp"
#include "clients/cli/views.hpp"
#include "clients/cli/width.hpp"
#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

struct Options {
  std::string member;
  std::string since = "7d";
  std::string until;
  std::size_t limit = 1'000;
};

constexpr std::size_t kLineColumns = 100;

constexpr const char* kMember =
    "SELECT row_to_json(m) FROM (SELECT source, member_id, jid, state, show, status, resources, "
    "online_since, "
    "last_seen, uncertain, $2::timestamptz AS from, least($3::timestamptz, now()) AS until "
    "FROM presence.member_now WHERE member_id = $1 ORDER BY source) AS m";
// The latest ones, in their order.
constexpr const char* kChanges =
    "SELECT row_to_json(c) FROM (SELECT change, at, resource, state, show, priority, status, ending, "
    "uncertain, "
    "(SELECT p.state FROM presence.transitions p WHERE p.jid = t.jid AND p.resource = t.resource "
    "AND (p.at, p.change) < (t.at, t.change) ORDER BY p.at DESC, p.change DESC LIMIT 1) AS before, "
    "(SELECT extract(epoch FROM s.ended_at - s.began_at)::bigint FROM presence.sessions s WHERE s.jid = "
    "t.jid "
    "AND s.resource = t.resource AND s.ended_at = t.at AND t.state = 'offline' LIMIT 1) AS session_seconds "
    "FROM presence.transitions t WHERE source = $1 AND jid = $2 AND at BETWEEN $3::timestamptz AND "
    "$4::timestamptz "
    "ORDER BY at DESC, change DESC LIMIT $5::bigint) AS c ORDER BY at, change";
// A view that was whole for no time at all was still lost.
constexpr const char* kCoverages =
    "SELECT row_to_json(v) FROM (SELECT began_at, ended_at, reason, lag(ended_at) OVER before AS lost_at, "
    "extract(epoch FROM began_at - lag(ended_at) OVER before)::bigint AS lost_seconds FROM "
    "presence.coverages "
    "WHERE domain = split_part($1, '@', 2) AND ended_at IS DISTINCT FROM began_at WINDOW before AS (ORDER BY "
    "began_at)) AS v "
    "WHERE began_at <= $3::timestamptz AND (ended_at IS NULL OR ended_at >= coalesce((SELECT max(c.ended_at) "
    "FROM presence.coverages c WHERE c.domain = split_part($1, '@', 2) AND c.ended_at < $2::timestamptz AND "
    "c.ended_at > c.began_at), "
    "$2::timestamptz)) ORDER BY began_at";
// Several devices at once count once. What goes on lasts until now, or until our view was lost.
constexpr const char* kTotal =
    "WITH s AS (SELECT uncertain, greatest(began_at, $3::timestamptz) AS began, least($4::timestamptz, "
    "coalesce(ended_at, (SELECT CASE WHEN known THEN now() ELSE unknown_since END FROM presence.domains d "
    "WHERE d.domain = split_part($2, '@', 2)), now())) AS ended FROM presence.sessions "
    "WHERE source = $1 AND jid = $2 AND began_at <= $4::timestamptz) "
    "SELECT json_build_object('online_seconds', (SELECT coalesce(sum(extract(epoch FROM upper(r) - "
    "lower(r))), 0)"
    "::bigint FROM unnest((SELECT range_agg(tstzrange(began, ended)) FROM s WHERE began < ended)) AS r), "
    "'certain_seconds', (SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r))), 0)::bigint "
    "FROM unnest((SELECT range_agg(tstzrange(began, ended)) FROM s WHERE began < ended AND NOT uncertain)) "
    "AS r))";

std::string duration(const Json& seconds) {
  return readable_duration(std::chrono::seconds(seconds.get<std::int64_t>()));
}

/// "online since …, 2 devices"
std::string state_of(const Json& member) {
  const auto text = [&member](const char* key) { return cell(member.at(key)); };
  if (member.at("state") == "online") {
    return std::string("online") + (text("show") == "online" ? "" : " (" + text("show") + ")") + " since " +
           moment_cell(member, "online_since") + ", " + text("resources") +
           (member.at("resources") == 1 ? " device" : " devices");
  }
  const std::string seen = moment_cell(member, "last_seen");
  const std::string unknown = member.at("state") == "unknown" ? " (`rostrum who` tells why)" : "";
  return text("state") + unknown + (seen.empty() ? ", never seen" : ", last seen " + seen);
}

/// "anna (anna@example.org): online since …" within a line; where that is too long, the ids are cut.
std::string headline(const Json& member) {
  const auto text = [&member](const char* key) { return printable(cell(member.at(key)), 4'096); };
  const std::string state = printable(state_of(member), 256);
  const std::size_t room = kLineColumns - width_of(state) - width_of(" (): ");
  const std::string id =
      cut(text("member_id"), std::max(room / 2, room - std::min(room, width_of(text("jid")))));
  return id + " (" + cut(text("jid"), room - width_of(id)) + "): " + state;
}

/// How an entry is shown: cells of one row.
Json row_of(const Json& entry) {
  const auto& kind = entry.at("kind");
  Json row{{"at", cell(entry.at("at"))}, {"device", nullptr}, {"show", nullptr}};
  if (kind == "view_lost") {
    row.update({{"event", "view lost"}, {"detail", entry.at("reason")}});
  } else if (kind == "view_whole") {
    const bool again = !entry.at("lost_at").is_null();
    row.update({{"event", again ? "view regained" : "view whole"},
                {"detail",
                 again ? "after " + duration(entry.at("lost_seconds")) : "as far as the history goes back"}});
  } else {
    const auto& session = entry.at("session_seconds");
    const std::string after = session.is_null() ? "" : "after " + duration(session);
    const std::string detail = detail_of(entry);
    row.update({{"at", moment_cell(entry, "at")},
                {"device", entry.at("resource")},
                {"event", word_of(entry)},
                {"show", entry.at("show")},
                {"detail", detail + (detail.empty() || after.empty() ? "" : ", ") + after}});
  }
  return row;
}

void print(Session& session, const Options& options, const Json& member, bool more) {
  const auto& entries = member.at("entries");
  session.out << headline(member) << '\n';
  Json rows = Json::array();
  for (const auto& entry : entries) rows.push_back(row_of(entry));
  if (!rows.empty()) {
    session.out << '\n';
    print_rows(session, rows,
               {{"at", "TIME", false, true},
                {"device", "DEVICE"},
                {"event", "EVENT", false, true},
                {"show", "SHOW"},
                {"detail", "DETAIL"}});
  }
  const auto online = member.at("online_seconds").get<std::int64_t>();
  const auto uncertain = online - member.at("certain_seconds").get<std::int64_t>();
  session.out << "\nfrom " << cell(member.at("from")) << " to " << cell(member.at("until")) << ": ";
  session.out << (online == 0 ? "not seen online" : "online for " + duration(online));
  if (uncertain > 0) session.out << ", " << duration(uncertain) << " of it uncertain (~)";
  session.out << '\n';
  if (more)
    session.err << "only the last " << options.limit
                << " changes are shown; --limit shows more, --until earlier ones\n";
}

ExitCode timeline(Session& session, const Options& options) {
  const Moment present = now();
  const std::string since = to_rfc3339(*parse_moment(options.since, present));
  const std::string until =
      options.until.empty() ? "infinity" : to_rfc3339(*parse_moment(options.until, present));
  const Views views(session);
  Json members = views.select(kMember, {options.member, since, until});
  if (members.empty())
    throw Failure{ExitCode::kFailed, "no member " + options.member + "; `rostrum member list` shows all"};
  for (auto& member : members) {
    const auto text = [&member](const char* key) { return member.at(key).get<std::string>(); };
    if (text("from") > text("until")) throw Failure{ExitCode::kUsage, "--since lies behind --until"};
    Json changes = views.select(kChanges, {text("source"), text("jid"), text("from"), text("until"),
                                           std::to_string(options.limit + 1)});
    const bool more = changes.size() > options.limit;
    if (more) changes.erase(0);
    const Json coverages = views.select(kCoverages, {text("jid"), text("from"), text("until")});
    member["changes"] = changes.size();
    member["entries"] = course_of(changes, coverages, text("from"));
    member.update(views.select_one(kTotal, {text("source"), text("jid"), text("from"), text("until")}, ""));
    if (!session.json) print(session, options, member, more);
  }
  if (session.json) print_json(session, members);
  return ExitCode::kOk;
}

}  // namespace

void add_timeline(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command =
      add_command(app, "timeline", "Show when a member came, changed and went, and when we could not see",
                  "  rostrum timeline anna\n"
                  "  rostrum timeline anna --since 1d\n"
                  "  rostrum timeline anna --since \"2026-11-24 08:00\" --until \"2026-11-24 18:00\"\n"
                  "\n"
                  "What happens is told as in `rostrum watch --help`.\n");
  command->add_option("MEMBER", options->member, "the site's own id of the member")->required();
  command->add_option("--since", options->since, std::string("from this moment on: ") + kMomentHelp)
      ->type_name("TIME")
      ->capture_default_str()
      ->check(check_moment);
  command->add_option("--until", options->until, "up to this moment; left out: now")
      ->type_name("TIME")
      ->check(check_moment);
  add_limit(*command, options->limit);
  set_action(*command, session, options, timeline);
}

}  // namespace rostrum::cli
