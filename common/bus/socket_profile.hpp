// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/bus/keys.hpp"

namespace zmq {
class socket_t;
}

namespace rostrum::bus {

/// The one ZAP domain of all our sockets; the handler refuses any other.
inline constexpr const char* kZapDomain = "rostrum";

/// Who a socket is towards the other side.
struct SocketIdentity {
  const KeyPair& own;
  std::optional<PublicKey>
      server;  ///< the key the other side must prove to have; nothing: this is the side that binds
};

/// Sets every option a socket of ours needs, before it binds or connects: limits, time limits, CURVE, and on
/// the binding side that nobody comes in unasked. Ends the process where the library does not keep what was
/// set.
void apply_profile(zmq::socket_t& socket, const SocketIdentity& identity, std::uint32_t max_frame_bytes);

}  // namespace rostrum::bus
