// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/bus/authorized_keys.hpp"
#include "common/bus/frames.hpp"
#include "common/bus/peer_table.hpp"
#include "rostrum/v1/event.pb.h"
#include "tests/support/fake_clock.hpp"

namespace rostrum::bus::test {

using rostrum::test::FakeClock;
using std::chrono::milliseconds;

inline AuthorizedKey key_of(const std::string& name, std::set<std::string, std::less<>> allowed) {
  return {name, make_key_pair().public_key, std::move(allowed)};
}

inline IncomingMessage message_from(const std::string& route, const AuthorizedKey& key, const Frame& frame) {
  return {route, key.key.z85(), 1, encode(frame)};
}

inline HelloFrame hello(LinkKind link) {
  return {kProtocolVersion, link};
}

/// "This member is gone."
inline v1::Event removal(const EventId& id, const std::string& member = "anna") {
  v1::Event event;
  event.set_id(id.to_bytes());
  event.set_subject(member);
  event.mutable_member_removed();
  return event;
}

/// All frames of one kind among those that are to be sent.
template <class Kind>
std::vector<Kind> sent(const PeerEffects& effects) {
  std::vector<Kind> frames;
  for (const auto& outgoing : effects.send) {
    if (const auto* frame = std::get_if<Kind>(&outgoing.frame)) frames.push_back(*frame);
  }
  return frames;
}

/// The one frame of this kind.
template <class Kind>
Kind only(const PeerEffects& effects) {
  auto frames = sent<Kind>(effects);
  EXPECT_EQ(frames.size(), 1U);
  return frames.empty() ? Kind{} : std::move(frames.front());
}

}  // namespace rostrum::bus::test
