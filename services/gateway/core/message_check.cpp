// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/message_check.hpp"

#include "common/base/text.hpp"
#include "services/gateway/core/stanza_id.hpp"

namespace rostrum::gateway {
namespace {

/// Bytes of a text once it stands in XML; gloox escapes five characters.
std::size_t escaped_bytes(std::string_view text) {
  std::size_t bytes = text.size();
  for (const char c : text) {
    if (c == '&') bytes += 4;
    if (c == '<' || c == '>') bytes += 3;
    if (c == '"' || c == '\'') bytes += 5;
  }
  return bytes;
}

}  // namespace

Result<OutgoingMessage, Outcome> check_message(const MessageParts& parts, std::string_view domain,
                                               const MessageLimits& limits) {
  auto to = Jid::parse(parts.to);
  if (!to) return failed("jid-malformed", std::string(describe(to.error())));
  if (to.value().domain() != domain)
    return failed("foreign-domain", "this gateway speaks to " + std::string(domain) + " only");
  if (!is_stanza_id(parts.stanza_id))
    return failed("invalid-stanza-id", "1 to 128 printable ASCII characters");
  if (const auto error = check_text(parts.subject, {.max_bytes = limits.subject_bytes, .one_line = true}))
    return failed("invalid-text", "subject: " + error->describe());
  if (const auto error = check_text(parts.body, {.max_bytes = limits.body_bytes, .may_be_empty = false}))
    return failed("invalid-text", "body: " + error->describe());
  constexpr std::size_t kAroundText = 4'096;  // addresses, ids, element names; JIDs are the longest of them
  if (escaped_bytes(parts.subject) + escaped_bytes(parts.body) + kAroundText > limits.stanza_bytes)
    return failed("too-large", "escaped as XML the message is larger than the Jabber server takes");
  return OutgoingMessage{std::move(to).value(), std::string(parts.stanza_id), std::string(parts.subject),
                         std::string(parts.body)};
}

}  // namespace rostrum::gateway
