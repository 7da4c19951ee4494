// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/presence/past.hpp"

#include <nlohmann/json.hpp>

namespace rostrum::cli {

std::string past_knowledge_of(const Json& domain) {
  const std::string name = cell(domain.at("domain"));
  const auto moment = [&domain](const char* key) { return cell(domain.at(key)); };
  if (!domain.at("began_at").is_null()) {
    const std::string end = moment("ended_at");
    return name + ": known then, our view was whole from " + moment("began_at") +
           (end.empty() ? " on" : " to " + end);
  }
  const std::string lost = moment("lost_at");
  const std::string regained = moment("regained_at");
  if (lost.empty() && regained.empty())
    return name + ": UNKNOWN then, no gateway has ever told who is online";
  if (lost.empty()) return name + ": UNKNOWN then, the history that is kept begins at " + regained;
  const std::string reason = moment("reason");
  return name + ": UNKNOWN then, our view was lost at " + lost + (reason.empty() ? "" : " (" + reason + ")") +
         (regained.empty() ? " and is not whole again" : " and whole again at " + regained);
}

}  // namespace rostrum::cli
