// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/member_message.hpp"

#include <algorithm>

#include "services/gateway/adapters/door_protocol.hpp"
#include "services/gateway/core/stanza_id.hpp"

namespace rostrum::gateway {
namespace {

constexpr const char* kReceipts = "urn:xmpp:receipts";

MemberMessage account_news(const gloox::Tag& news, std::string_view domain) {
  const auto account = Jid::parse(news.findAttribute("username") + "@" + std::string(domain));
  const auto& event = news.findAttribute("event");
  if (!account || (event != "appeared" && event != "vanished")) return {};
  return AccountNews{account.value(), event == "appeared"};
}

}  // namespace

MemberMessage read_member_message(const gloox::Tag& message, std::string_view domain) {
  const auto& sender = message.findAttribute("from");
  if (sender == domain) {
    const auto* news = message.findChild("account", "xmlns", kDoorNamespace);
    return news != nullptr ? account_news(*news, domain) : MemberMessage{};
  }
  const auto from = bare_of(sender);
  if (!from) return {};
  if (message.findAttribute("type") == "error") {
    const auto& id = message.findAttribute("id");
    return is_stanza_id(id) ? MemberMessage{Bounce{id, from.value(), read_stanza_error(message)}}
                            : MemberMessage{};
  }
  const auto* received = message.findChild("received", "xmlns", kReceipts);
  if (received == nullptr || !is_stanza_id(received->findAttribute("id"))) return {};
  return Receipt{received->findAttribute("id"), from.value()};
}

}  // namespace rostrum::gateway
