// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <string_view>

namespace rostrum::gateway {

/// The ids we send and take back: 1 to 128 printable ASCII characters (command.proto, SendMessage.stanza_id).
inline bool is_stanza_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace rostrum::gateway
