// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tests/support/jabber/conversation.hpp"

namespace rostrum::test {

/// Who logs in where.
struct Login {
  std::string address;  ///< "127.0.0.1:port"
  std::string domain;
  std::string username;
  std::string password;
  std::string resource;
};

/// A member's client on nothing but a socket and OpenSSL, so that it can do what no library would. Blocking;
/// says nothing of itself but what it is told to.
class RawClient {
 public:
  /// Logs in (PLAIN within TLS) and binds its resource; throws ConversationEnded when it cannot.
  explicit RawClient(const Login& login);
  ~RawClient();

  void says(std::string_view xml) { wire_->says(xml); }
  std::string hears(std::string_view words) { return wire_->hears(words); }
  /// A ping to its server is answered: all that was said before has been handled.
  void is_heard();
  /// Everything that came so far, after is_heard().
  [[nodiscard]] const std::string& transcript() const { return wire_->transcript(); }

  /// Closes its stream in order.
  void leaves();
  /// Is gone without a word.
  void vanishes() { wire_.reset(); }

 private:
  std::string domain_;
  std::atomic<bool> over_{false};
  int pings_ = 0;
  std::unique_ptr<Conversation> wire_;
};

}  // namespace rostrum::test
