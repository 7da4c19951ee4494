// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/presence/changes.hpp"

#include <nlohmann/json.hpp>

namespace rostrum::cli {

std::string word_of(const Json& change) {
  if (change.at("state") == "offline") return cell(change.at("ending"));
  return change.at("before") == "online" ? "changed" : "came";
}

std::string moment_cell(const Json& row, const char* key) {
  const std::string moment = cell(row.at(key));
  return moment.empty() || !row.at("uncertain").get<bool>() ? moment : "~" + moment;
}

std::string detail_of(const Json& change) {
  if (change.at("state") == "online") return cell(change.at("status"));
  if (change.at("ending") == "dropped") return "connection lost";
  return change.at("ending") == "unseen" ? "gone when we could see again" : "";
}

}  // namespace rostrum::cli
