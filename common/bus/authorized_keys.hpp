// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/bus/keys.hpp"

namespace rostrum::bus {

/// One peer that may come in. Message types are the names of the `oneof` fields of Event and Command, and
/// `presence_observed`. Nothing is allowed that is not named.
struct AuthorizedKey {
  std::string name;  ///< the `source` of its events
  PublicKey key;
  std::set<std::string, std::less<>> allowed;
  [[nodiscard]] bool may_send(std::string_view message_type) const { return allowed.contains(message_type); }
};

/// The keys that are in force; a value.
class AuthorizedKeys {
 public:
  AuthorizedKeys() = default;  // nobody
  /// Names and keys must all be different.
  explicit AuthorizedKeys(std::vector<AuthorizedKey> keys);

  [[nodiscard]] const AuthorizedKey* find_by_name(std::string_view name) const;
  [[nodiscard]] const AuthorizedKey* find_by_key(const PublicKey& key) const;
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  std::map<std::string, AuthorizedKey, std::less<>> keys_;
  std::map<PublicKey, std::string> names_;
};

}  // namespace rostrum::bus
