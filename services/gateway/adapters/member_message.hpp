// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <gloox/tag.h>

#include "common/base/jid.hpp"
#include "services/gateway/adapters/stanza_error.hpp"

namespace rostrum::gateway {

/// XEP-0184 §5.3: a member's client has our message.
struct Receipt {
  std::string stanza_id;
  Jid from;
};

/// RFC 6120 §8.3: our message came back.
struct Bounce {
  std::string stanza_id;
  Jid from;
  StanzaError error;
};

/// The account door tells of an account that came or went without us.
struct AccountNews {
  Jid account;
  bool appeared;
};

/// What an incoming message means to us; most mean nothing.
using MemberMessage = std::variant<std::monostate, Receipt, Bounce, AccountNews>;

/// Reads a message that the stream's rules let through. Whether the stanza id is one of ours, and `from` the
/// one it went to, is for notification to see: it remembers, we do not.
[[nodiscard]] MemberMessage read_member_message(const gloox::Tag& message, std::string_view domain);

}  // namespace rostrum::gateway
