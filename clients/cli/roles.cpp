// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/roles.hpp"

#include <array>

namespace rostrum::cli {

namespace {

struct Role {
  std::string_view name;
  std::vector<std::string> grants;
};

const std::array<Role, 5>& roles() {
  static const std::array<Role, 5> kRoles{
      Role{"site",
           {"member_upserted", "member_removed", "password_changed", "group_upserted", "group_removed",
            "notice_published"}},
      Role{"gateway",
           {"account_appeared", "account_vanished", "receipt_received", "message_bounced",
            "presence_observed"}},
      Role{"registration", {"create_account", "set_password", "remove_account"}},
      Role{"notification", {"send_message"}}, Role{"check", {"inspect_server"}}};
  return kRoles;
}

}  // namespace

std::optional<std::vector<std::string>> grants_of(std::string_view role) {
  for (const auto& known : roles()) {
    if (known.name == role) return known.grants;
  }
  return std::nullopt;
}

std::vector<std::string> all_roles() {
  std::vector<std::string> names;
  for (const auto& role : roles()) names.emplace_back(role.name);
  return names;
}

}  // namespace rostrum::cli
