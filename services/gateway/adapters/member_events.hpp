// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "services/gateway/adapters/event_queue.hpp"
#include "services/gateway/adapters/member_message.hpp"

namespace rostrum::gateway {

/// Turns what came over the streams into events: receipts and bounces for notification, news of accounts for
/// registration.
class MemberEvents {
 public:
  MemberEvents(EventQueue& registration, EventQueue& notification, std::string domain)
      : registration_(registration), notification_(notification), domain_(std::move(domain)) {}

  /// A believed message of any session.
  void read(const gloox::Tag& message);

 private:
  void publish(const std::monostate&) {}
  void publish(const Receipt& receipt);
  void publish(const Bounce& bounce);
  void publish(const AccountNews& news);

  EventQueue& registration_;
  EventQueue& notification_;
  std::string domain_;
};

}  // namespace rostrum::gateway
