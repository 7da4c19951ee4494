// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/presence/feed.hpp"

#include <nlohmann/json.hpp>

#include "clients/cli/presence/changes.hpp"

namespace rostrum::cli {

namespace {

constexpr std::size_t kPage = 1'000;

// The domains, and when asked the devices of the very same moment.
constexpr const char* kLook =
    "SELECT json_build_object("
    "'domains', coalesce((SELECT json_agg(d ORDER BY d.domain) FROM (SELECT domain, known, known_since, "
    "unknown_since, "
    "owner, epoch, valid_until, valid_until > now() AS held, last_change, "
    "(SELECT c.reason FROM presence.coverages c WHERE c.domain = p.domain AND c.ended_at IS NOT NULL "
    "ORDER BY c.began_at DESC LIMIT 1) AS reason FROM presence.domains p) AS d), '[]'), "
    "'devices', CASE WHEN $3::boolean THEN coalesce((SELECT json_agg(r ORDER BY r.since, r.jid, r.resource) "
    "FROM "
    "(SELECT source, member_id, jid, resource, state, show, priority, status, since, session_began_at, "
    "uncertain "
    "FROM presence.resource_now r WHERE ($2 = '' OR member_id = $2) AND ($1 = '' OR EXISTS "
    "(SELECT FROM directory.audience_group g WHERE g.source = r.source AND g.member_id = r.member_id "
    "AND g.group_id = $1))) AS r), '[]') END)";
constexpr const char* kChanges =
    "SELECT row_to_json(c) FROM (SELECT source, member_id, domain, change, at, jid, resource, state, show, "
    "priority, "
    "status, ending, uncertain, (SELECT p.state FROM presence.transitions p WHERE p.jid = t.jid AND "
    "p.resource = "
    "t.resource AND (p.at, p.change) < (t.at, t.change) ORDER BY p.at DESC, p.change DESC LIMIT 1) AS before "
    "FROM presence.transitions t WHERE domain = $3 AND change > $4::bigint AND change <= $5::bigint "
    "AND ($2 = '' OR member_id = $2) AND ($1 = '' OR EXISTS (SELECT FROM directory.audience_group g "
    "WHERE g.source = t.source AND g.member_id = t.member_id AND g.group_id = $1)) "
    "ORDER BY change LIMIT $6::bigint) AS c";

Json news(const char* event, const Json& fields) {
  Json all{{"event", event}};
  all.update(fields);
  return all;
}

/// The same uninterrupted view, or the same lack of one.
bool is_same_view(const Json& one, const Json& other) {
  return one.at("known") == other.at("known") && one.at("known_since") == other.at("known_since");
}

}  // namespace

Feed::Feed(Session& session, Filter filter, Tell tell)
    : session_(session), filter_(std::move(filter)), tell_(std::move(tell)) {}

void Feed::look() {
  if (!begun_) return look_now();
  try {
    look_now();
  } catch (const Failure& failure) {
    if (failure.code != ExitCode::kUnreachable) throw;
    views_.reset();
    if (!away_) tell_(news("database", {{"away", true}, {"text", failure.text}}));
    away_ = true;
  }
}

void Feed::look_now() {
  if (!views_) views_.emplace(session_);
  const auto read = [this](bool with_devices) {
    return views_->select_one(kLook, {filter_.group, filter_.member, with_devices ? "true" : "false"}, "");
  };
  Json seen = read(!begun_);
  if (away_) tell_(news("database", {{"away", false}}));
  away_ = false;
  if (begun_ && has_gone_back(seen.at("domains"))) {
    seen = read(true);
    begun_ = false;
  }
  if (!begun_) return begin(seen);
  for (const auto& domain : seen.at("domains")) tell_domain(domain);
}

void Feed::begin(const Json& seen) {
  domains_.clear();
  told_.clear();
  for (const auto& domain : seen.at("domains")) {
    const auto name = domain.at("domain").get<std::string>();
    tell_(news("domain", domain));
    domains_[name] = domain;
    told_[name] = domain.at("last_change").get<std::int64_t>();
  }
  for (const auto& device : seen.at("devices")) tell_(news("device", device));
  tell_(news("live", {{"devices", seen.at("devices").size()}}));
  begun_ = true;
}

/// A database that was restored from a backup, or whose standby took over, knows less than we have told.
bool Feed::has_gone_back(const Json& domains) const {
  for (const auto& domain : domains) {
    const auto told = told_.find(domain.at("domain").get<std::string>());
    if (told != told_.end() && domain.at("last_change").get<std::int64_t>() < told->second) return true;
  }
  return false;
}

/// A view that was lost is told before the changes, one that is whole again after them. A view that was lost
/// and regained between two looks is told too.
void Feed::tell_domain(const Json& domain) {
  const auto name = domain.at("domain").get<std::string>();
  const auto before = domains_.find(name);
  const bool is_news = before == domains_.end() || !is_same_view(before->second, domain);
  const bool known = domain.at("known").get<bool>();
  if (is_news && !known) tell_(news("domain", domain));
  if (is_news && known && before != domains_.end() && before->second.at("known").get<bool>()) {
    Json lost = domain;
    lost.update({{"known", false}, {"known_since", nullptr}});
    tell_(news("domain", lost));
  }
  tell_changes(name, domain.at("last_change").get<std::int64_t>());
  if (is_news && known) tell_(news("domain", domain));
  domains_[name] = domain;
}

void Feed::tell_changes(const std::string& domain, std::int64_t up_to) {
  auto& told = told_[domain];
  while (told < up_to) {
    const Json page = views_->select(kChanges, {filter_.group, filter_.member, domain, std::to_string(told),
                                                std::to_string(up_to), std::to_string(kPage)});
    for (const auto& change : page) {
      Json item = news("change", {{"what", word_of(change)}});
      item.update(change);
      tell_(item);
      told = change.at("change").get<std::int64_t>();
    }
    if (page.size() < kPage) told = up_to;
  }
}

}  // namespace rostrum::cli
