// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>

#include <gloox/tag.h>

#include "services/gateway/core/door.hpp"

namespace rostrum::gateway {

/// Namespace of the account door (docs/account-door.md).
inline constexpr const char* kDoorNamespace = "urn:rostrum:door:1";

/// What a door says about itself and its server: the attributes of <describe/>.
using DoorDescription = std::map<std::string, std::string>;

/// The request as it stands inside an iq of type set.
[[nodiscard]] std::unique_ptr<gloox::Tag> door_element(const DoorRequest& request);

/// What an iq of type result or error says, whoever sent the request.
[[nodiscard]] DoorReply read_reply(const gloox::Tag& iq);

/// The description, or nothing if this is none.
[[nodiscard]] DoorDescription read_description(const gloox::Tag& iq);

/// Why this door cannot be used, for people; empty when it can.
[[nodiscard]] std::string unfit_because(const DoorDescription& door, const Jid& site, const Jid& control);

}  // namespace rostrum::gateway
