// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/presence/audience.hpp"

#include <nlohmann/json.hpp>

namespace rostrum::cli {

namespace {

constexpr const char* kGroup = "SELECT to_json(group_id) FROM directory.groups WHERE group_id = $1 LIMIT 1";
constexpr const char* kMember =
    "SELECT to_json(member_id) FROM directory.audience WHERE member_id = $1 LIMIT 1";

}  // namespace

void expect_group(const Views& views, const std::string& group) {
  if (!group.empty() && views.select(kGroup, {group}).empty())
    throw Failure{ExitCode::kFailed, "no group " + group + "; `rostrum group list` shows all"};
}

void expect_member(const Views& views, const std::string& member) {
  if (!member.empty() && views.select(kMember, {member}).empty())
    throw Failure{ExitCode::kFailed, "no member " + member + "; `rostrum member list` shows all"};
}

}  // namespace rostrum::cli
