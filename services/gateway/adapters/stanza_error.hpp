// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <gloox/tag.h>

namespace rostrum::gateway {

/// RFC 6120 §8.3: what a stanza of type error says. All of it came from outside and is cut to a bearable
/// length.
struct StanzaError {
  std::string type;       ///< `cancel`, `wait`, …
  std::string condition;  ///< `undefined-condition` when there is none that we know
  std::string text;
};

[[nodiscard]] StanzaError read_stanza_error(const gloox::Tag& stanza);

}  // namespace rostrum::gateway
