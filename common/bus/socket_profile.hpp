// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

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
/// An address in brackets, "tcp://[::1]:5571", needs a socket that speaks IPv6; for all others one that does
/// would only be slower.
void allow_ipv6_for(zmq::socket_t& socket, const std::string& endpoint);

}  // namespace rostrum::bus
