// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/member_events.hpp"

#include "rostrum/v1/event.pb.h"

namespace rostrum::gateway {

void MemberEvents::read(const gloox::Tag& message) {
  std::visit([this](const auto& meaning) { publish(meaning); }, read_member_message(message, domain_));
}

void MemberEvents::publish(const Receipt& receipt) {
  v1::Event event;
  event.mutable_receipt_received()->set_stanza_id(receipt.stanza_id);
  event.mutable_receipt_received()->set_from(receipt.from.text());
  notification_.publish(std::move(event));
}

void MemberEvents::publish(const Bounce& bounce) {
  v1::Event event;
  auto& content = *event.mutable_message_bounced();
  content.set_stanza_id(bounce.stanza_id);
  content.set_from(bounce.from.text());
  content.set_condition(bounce.error.condition);
  content.set_text(bounce.error.text);
  notification_.publish(std::move(event));
}

void MemberEvents::publish(const AccountNews& news) {
  v1::Event event;
  event.set_subject(news.account.text());
  news.appeared ? static_cast<void>(event.mutable_account_appeared())
                : static_cast<void>(event.mutable_account_vanished());
  registration_.publish(std::move(event));
}

}  // namespace rostrum::gateway
