// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/presence/knowledge.hpp"

#include <ostream>

#include <nlohmann/json.hpp>

#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

constexpr std::size_t kLongestBytes = 1'024;

constexpr const char* kDomains =
    "SELECT row_to_json(d) FROM ("
    "SELECT domain, known, known_since, unknown_since, owner, epoch, valid_until, valid_until > now() AS "
    "held, "
    "last_change, (SELECT c.reason FROM presence.coverages c WHERE c.domain = p.domain AND c.ended_at IS NOT "
    "NULL "
    "ORDER BY c.began_at DESC LIMIT 1) AS reason "
    "FROM presence.domains p "
    "FULL JOIN (SELECT DISTINCT split_part(a.jid, '@', 2) AS domain FROM directory.audience a) m USING "
    "(domain) "
    "ORDER BY domain) AS d";

/// "UNKNOWN since …", or without a moment where it has never been known.
std::string unknown_since(const Json& domain) {
  const auto& since = domain.at("unknown_since");
  return since.is_null() ? "UNKNOWN" : "UNKNOWN since " + cell(since);
}

/// By the name of its key: "gateway-2", "gateway berlin".
std::string gateway_of(const std::string& key) {
  return key.starts_with("gateway") ? key : "gateway " + key;
}

}  // namespace

Knowledge knowledge_of(const Json& domain) {
  const std::string gateway = gateway_of(cell(domain.at("owner")));
  if (domain.at("known").is_null()) {
    return {unknown_since(domain) + ", no gateway has ever told who is online",
            "start rostrum-presence and a gateway; if they run, their /readyz says what they lack"};
  }
  if (domain.at("known").get<bool>()) {
    return {"known since " + cell(domain.at("known_since")) + ", told by " + gateway + ", epoch " +
                cell(domain.at("epoch")),
            {}};
  }
  if (!domain.at("held").get<bool>()) {
    return {unknown_since(domain) + ", nothing is heard from " + gateway,
            "start a gateway, any one takes over within seconds; if one runs, look at its /readyz and at "
            "rostrum-presence's"};
  }
  if (domain.at("unknown_since").is_null()) {
    return {unknown_since(domain) + ", " + gateway + " has not seen everybody yet",
            "wait some seconds; if it stays so, look at the gateway's /readyz"};
  }
  const std::string reason = cell(domain.at("reason"));
  return {unknown_since(domain) + (reason.empty() ? "" : " (" + reason + ")") + ", " + gateway +
              " has not seen everybody anew yet",
          "it looks as soon as the Jabber server lets it; if it stays so, look at the gateway's /readyz"};
}

Json read_domains(const Views& views) {
  return views.select(kDomains, {});
}

void print_knowledge(Session& session, const Json& domains) {
  if (domains.empty())
    session.out << "there are no members, and no gateway has told anything (`rostrum check` tells more)\n";
  for (const auto& domain : domains) {
    const auto knowledge = knowledge_of(domain);
    session.out << printable(cell(domain.at("domain")) + ": " + knowledge.text, kLongestBytes) << '\n';
    if (!knowledge.remedy.empty()) session.out << "    " << knowledge.remedy << '\n';
  }
}

}  // namespace rostrum::cli
