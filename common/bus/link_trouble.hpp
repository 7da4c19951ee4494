// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace rostrum::bus {

/// What keeps a connecting side from its connection, as far as it can tell.
enum class LinkTrouble {
  kNone,             ///< a connection was lost as connections are, or it stands
  kUnresolved,       ///< the endpoint's name has no address that we could learn of
  kUnreachable,      ///< nobody listens there, or nothing comes through
  kServerKey,        ///< the other side broke the handshake off: mostly it has another key than we expect
  kSilentHandshake,  ///< it did not answer the handshake: mostly it does not trust its keys' folder (ZAP's
                     ///< 300)
  kUnknownKey,       ///< it refused our key (ZAP's 400)
  kTooManyPeers,
  kNotAuthorized,
  kUnsupported,
  kFrameRefused,  ///< another Refusal: one of both sides is wrong
};

/// For metrics: `unknown_key`, …
[[nodiscard]] std::string_view label(LinkTrouble trouble);
/// What to do about it, in words for the operator of the side that says it.
[[nodiscard]] std::string_view remedy(LinkTrouble trouble);
/// Only somebody who changes something ends it; the others may pass by themselves.
[[nodiscard]] bool needs_somebody(LinkTrouble trouble);

}  // namespace rostrum::bus
