// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <gloox/client.h>

#include "services/gateway/core/reconnect.hpp"

namespace rostrum::gateway {

/// What a disconnect that gloox reports means to us.
[[nodiscard]] StreamLoss loss_of(gloox::ConnectionError error, const gloox::Client& client);

/// Words for the log where the server gave none.
[[nodiscard]] std::string describe_loss(gloox::ConnectionError error, const gloox::Client& client);

}  // namespace rostrum::gateway
