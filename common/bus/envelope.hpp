// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/base/uuid.hpp"
#include "common/bus/authorized_keys.hpp"
#include "common/bus/link.hpp"
#include "common/bus/rejection.hpp"

namespace rostrum::bus {

/// What an intake holds an event's envelope against.
struct EnvelopeRules {
  const LinkLimits& limits;
  const std::set<std::string, std::less<>>& served_types;
};

/// An envelope that is good.
struct Envelope {
  EventId id;
  std::string_view type;  ///< name of the payload's oneof field; lives as long as the process
};

/// An envelope that is not.
struct EnvelopeFault {
  std::string id;  ///< as it came; empty: none that could be answered
  EnvelopeRejection code;
  std::string text;
  std::string_view type = {};
};

/// Looks at everything but the payload's own fields. `sender` is the entry of the key the event came with, as
/// it is now.
[[nodiscard]] Result<Envelope, EnvelopeFault> check_envelope(std::string_view bytes,
                                                             const AuthorizedKey& sender,
                                                             const EnvelopeRules& rules, WallTime now);

}  // namespace rostrum::bus
