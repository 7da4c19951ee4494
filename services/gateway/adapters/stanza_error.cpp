// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/stanza_error.hpp"

#include <array>
#include <string_view>

#include "common/base/text.hpp"

namespace rostrum::gateway {
namespace {

/// RFC 6120 §8.3.3, so that neither metrics nor databases fill up with what strangers invent.
constexpr std::array<std::string_view, 22> kConditions = {"bad-request",
                                                          "conflict",
                                                          "feature-not-implemented",
                                                          "forbidden",
                                                          "gone",
                                                          "internal-server-error",
                                                          "item-not-found",
                                                          "jid-malformed",
                                                          "not-acceptable",
                                                          "not-allowed",
                                                          "not-authorized",
                                                          "policy-violation",
                                                          "recipient-unavailable",
                                                          "redirect",
                                                          "registration-required",
                                                          "remote-server-not-found",
                                                          "remote-server-timeout",
                                                          "resource-constraint",
                                                          "service-unavailable",
                                                          "subscription-required",
                                                          "undefined-condition",
                                                          "unexpected-request"};

constexpr const char* kStanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas";

}  // namespace

StanzaError read_stanza_error(const gloox::Tag& stanza) {
  StanzaError result{{}, "undefined-condition", {}};
  const auto* error = stanza.findChild("error");
  if (error == nullptr) return result;
  result.type = printable(error->findAttribute("type"), 32);
  for (const auto* child : error->children()) {
    if (child->xmlns() != kStanzaErrors) continue;
    if (child->name() == "text") result.text = printable(child->cdata(), 256);
    for (const auto known : kConditions) {
      if (child->name() == known) result.condition = known;
    }
  }
  return result;
}

}  // namespace rostrum::gateway
