// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

#include "common/base/jid.hpp"
#include "services/gateway/core/outcome.hpp"
#include "services/gateway/core/sender.hpp"

namespace rostrum::gateway {

/// Bounds of texts on the command link; notification keeps to the same.
struct MessageLimits {
  std::size_t subject_bytes = 256;
  std::size_t body_bytes = 16'384;
  /// The server ends a stream that carries a larger stanza, and every reconnect would meet it again.
  std::size_t stanza_bytes = 65'536;
};

/// The parts of a message as a command brings them.
struct MessageParts {
  std::string_view to;
  std::string_view stanza_id;
  std::string_view subject;
  std::string_view body;
};

/// A message that the server will take for this domain, or why not. Texts were checked when the notice was
/// accepted; one that slipped through must not break the stream that all others share.
[[nodiscard]] Result<OutgoingMessage, Outcome> check_message(const MessageParts& parts,
                                                             std::string_view domain,
                                                             const MessageLimits& limits);

}  // namespace rostrum::gateway
