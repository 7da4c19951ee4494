// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/presence/told.hpp"

namespace rostrum::presence::test {

ResourceKey key(std::string_view name) {
  const auto slash = name.find('/');
  const auto jid = std::string(name.substr(0, slash)) + "@" + kDomain;
  return {Jid::parse(jid).value(), Resource::parse(name.substr(slash + 1)).value()};
}

Appearance appearance(Show show, int priority, std::string_view status) {
  return {show, static_cast<std::int8_t>(priority), Status::parse(status).value()};
}

Observation available(std::string_view name, Show show, Age age) {
  return available(name, appearance(show), age);
}
Observation available(std::string_view name, const Appearance& appearance, Age age) {
  return {age, Available{key(name), appearance}};
}
Observation unavailable(std::string_view name, Ending ending, Age age) {
  return {age, Unavailable{key(name), ending}};
}
Observation snapshot_began(Age age) {
  return {age, SnapshotBegan{}};
}
Observation snapshot_ended(Age age) {
  return {age, SnapshotEnded{}};
}
Observation view_lost(const std::string& reason, Age age) {
  return {age, ViewLost{reason}};
}

std::string name_of(const ResourceKey& key) {
  return std::string(key.jid.localpart()) + "/" + key.resource.text();
}

}  // namespace rostrum::presence::test
