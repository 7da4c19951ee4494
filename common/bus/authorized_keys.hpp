// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/bus/keys.hpp"

namespace rostrum::bus {

/// One peer that may come in, read from `authorized_keys/<name>`:
///
///     # the forum
///     key     <40 characters of Z85>
///     allow   member_upserted member_removed notice_published
///
/// The file's name is the peer's name and the `source` of its events. Message types are the names of the
/// `oneof` fields of Event and Command, and `presence_observed`. Nothing is allowed that is not named.
struct AuthorizedKey {
  std::string name;
  PublicKey key;
  std::set<std::string, std::less<>> allowed;
  [[nodiscard]] bool may_send(std::string_view message_type) const { return allowed.contains(message_type); }
};

/// The directory as it was when last read; a value.
class AuthorizedKeys {
 public:
  AuthorizedKeys() = default;  // nobody
  /// Names and keys must all be different.
  explicit AuthorizedKeys(std::vector<AuthorizedKey> keys);

  /// Reads every file of the directory (names starting with a dot or ending with `~` are passed over). All
  /// that is wrong at once: bad key, unknown word, the same key twice, a file or directory that others may
  /// write, with the command that mends it.
  [[nodiscard]] static Result<AuthorizedKeys, std::vector<std::string>> read(const std::string& directory);

  [[nodiscard]] const AuthorizedKey* find_by_name(std::string_view name) const;
  [[nodiscard]] const AuthorizedKey* find_by_key(const PublicKey& key) const;
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  std::map<std::string, AuthorizedKey, std::less<>> keys_;
  std::map<PublicKey, std::string> names_;
};

}  // namespace rostrum::bus
