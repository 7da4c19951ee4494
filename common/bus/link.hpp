// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/bus/keys.hpp"
#include "common/bus/link_trouble.hpp"
#include "common/bus/load.hpp"
#include "common/bus/look_up.hpp"

namespace rostrum::bus {

/// Version of the frames, `Hello.protocol_version`.
inline constexpr std::uint32_t kProtocolVersion = 1;

/// Largest frame from the binding side; what the connecting side lets in.
inline constexpr std::uint32_t kMaxAnswerBytes = 256 * 1024;
/// What the binding side puts into one frame of answers, unless a single one is larger: a hundred of them may
/// wait for a peer that does not read.
inline constexpr std::size_t kAnswersBytes = std::size_t{64} * 1024;
/// How far an event's id may be ahead of the intake's clock.
inline constexpr Milliseconds kMaxAhead = std::chrono::minutes(5);
/// How often the binding side says Credit, at least.
inline constexpr Milliseconds kSignOfLife{1'000};

/// What a link's two sides hold to. Defaults are the measured ones; docs/protocol.md lists them.
struct LinkLimits {
  std::uint32_t max_frame_bytes = 256 * 1024;
  std::uint32_t max_event_bytes = 64 * 1024;
  std::uint32_t max_batch = 256;                        ///< events (commands, observations) in one frame
  std::uint32_t window = 4'096;                         ///< of them, by one peer, not yet answered
  std::uint32_t window_total = 16'384;                  ///< of all peers together
  std::uint32_t window_bytes = 16 * 1024 * 1024;        ///< the same in bytes of them: by one peer
  std::uint32_t window_total_bytes = 64 * 1024 * 1024;  ///< of all peers together; beyond one of the totals
                                                        ///< the socket is not read
  std::uint32_t max_peers = 4'096;                      ///< about 30 KiB each, most of it libzmq's
  std::uint32_t max_silent = 128;  ///< connections that have not said anything yet: handshakes, strangers
  Milliseconds horizon = std::chrono::hours(24 * 7);

  [[nodiscard]] constexpr Load for_one() const { return {window, window_bytes}; }
  [[nodiscard]] constexpr Load for_all() const { return {window_total, window_total_bytes}; }
};

/// An observation is small, and after a restart of the Jabber server there is one for each resource at once.
/// The total is as large because only the gateway that owns a domain uses its share.
[[nodiscard]] constexpr LinkLimits observation_limits() {
  return {.max_batch = 1'024, .window = 8'192, .window_total = 65'536};
}

/// Which peer, and which of its conversations, something came from; opaque to all but this folder.
struct PeerToken {
  std::uint64_t value;
};

/// The connecting side of a link.
struct ConnectSettings {
  /// "tcp://host:port". A host may be a name with several addresses. Event and observation link: the next
  /// address is tried when one does not answer; command link: all are used, a connection for each.
  std::vector<std::string> endpoints;
  KeyPair own;
  PublicKey server;  ///< the key all these endpoints must prove to have
  Milliseconds answer_deadline{
      5'000};  ///< connect to Welcome; silence of an established link (Credit comes each second)
  Milliseconds retry_first{100};  ///< pause before the next connection, doubling with jitter …
  Milliseconds retry_cap{5'000};  ///< … up to this
  Milliseconds look_up_every{
      5'000};  ///< command link: how often names are looked up again; the others do at each loss
  LookUp look_up = bus::look_up;
};

/// Who is connected to a binding socket, strangers included, and how many were shut down since the last
/// report.
struct ConnectionReport {
  std::size_t connections;
  std::size_t silent;          ///< of them, that have not said anything yet
  std::size_t cut_silent;      ///< the oldest silent ones, when there were too many
  std::size_t cut_excess;      ///< newcomers, when there were too many connections in all
  std::size_t cut_routing_id;  ///< that chose their own routing id
  std::size_t cut_revoked;     ///< whose key is not in force any more
};

/// The binding side of a link.
struct BindSettings {
  std::string listen;  ///< "tcp://127.0.0.1:5571"; port 0 takes a free one
  KeyPair own;
  LinkLimits limits;
  /// Told each kSignOfLife.
  std::function<void(const ConnectionReport&)> on_connections = [](const ConnectionReport&) {};
};

/// What became of one connection attempt or connection; for log and metrics.
struct LinkEvent {
  enum class Kind {
    kConnected,
    kLost,
    kRefused,
    kFrameRefused,
    kUnresolved,  ///< the endpoint's name has no address that we could learn of
  };
  Kind kind;
  std::string endpoint;  ///< connecting side: the endpoint; binding side: the peer's name
  std::string text;
  LinkTrouble trouble = LinkTrouble::kNone;  ///< connecting side, unless kConnected
  std::string_view rule = {};  ///< kFrameRefused, binding side: which rule was broken, a word for metrics
};

}  // namespace rostrum::bus
