// SPDX-License-Identifier: Apache-2.0
#include "common/bus/authorized_keys.hpp"

#include <utility>

#include "common/base/result.hpp"

namespace rostrum::bus {

AuthorizedKeys::AuthorizedKeys(std::vector<AuthorizedKey> keys) {
  for (auto& key : keys) {
    ROSTRUM_INVARIANT(names_.emplace(key.key, key.name).second);
    const std::string name = key.name;
    ROSTRUM_INVARIANT(keys_.emplace(name, std::move(key)).second);
  }
}

const AuthorizedKey* AuthorizedKeys::find_by_name(std::string_view name) const {
  const auto found = keys_.find(name);
  return found == keys_.end() ? nullptr : &found->second;
}

const AuthorizedKey* AuthorizedKeys::find_by_key(const PublicKey& key) const {
  const auto found = names_.find(key);
  return found == names_.end() ? nullptr : find_by_name(found->second);
}

}  // namespace rostrum::bus
