// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/base/secret.hpp"
#include "rostrum/event.hpp"
#include "rostrum/v1/event.pb.h"

namespace rostrum {

/// An event before it is packed. Nothing but UTF-8 is ever put into the message: protobuf would send it, and
/// no intake could read it.
struct Event::State {
  v1::Event message;
  Secret password;                   ///< in clear; goes, sealed, into the payload
  std::optional<std::string> fault;  ///< the first text that is not UTF-8: field, byte
  std::string packed;  ///< the very bytes it was unpacked from; serialising anew might differ, and the id
                       ///< would be re-used
};

/// Which intake takes an event.
enum class Destination { kRegistration, kNotification };
/// Nothing for types that no site sends.
[[nodiscard]] std::optional<Destination> destination_of(const v1::Event& message);

}  // namespace rostrum
