// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/uuid.hpp"

namespace rostrum::notification {

/// Id of the stanza that carries one delivery: `<notice id>.<token>`, the token as 32 hexadecimal digits. The
/// token is random and goes to the member alone, so nobody else can confirm or bounce the delivery.
struct StanzaId {
  Uuid notice;
  Uuid token;

  /// Takes only what text() makes; nothing for any other spelling.
  [[nodiscard]] static std::optional<StanzaId> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  bool operator==(const StanzaId&) const = default;
};

}  // namespace rostrum::notification
