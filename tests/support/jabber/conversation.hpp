// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/support/jabber/certificates.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace rostrum::test {

/// The client went away, stayed silent for too long, or the test is over.
struct ConversationEnded : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One side of an XMPP connection, mostly the server's, told step by step. Blocking; every wait is bounded
/// and throws ConversationEnded.
class Conversation {
 public:
  Conversation(int descriptor, const std::atomic<bool>& over);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void says(std::string_view xml);
  /// Reads until the words come; everything up to their end counts as read and is returned.
  std::string hears(std::string_view words);
  /// The next start tag of this name, whole.
  std::string hears_tag(std::string_view name);
  /// Waits until the client closes or the test is over, reading nothing if so told.
  void waits(bool reading = true);

  /// Hears a stream header and answers with one and with these features.
  void opens_stream(std::string_view features);
  void secures(const Certificate& certificate);
  /// The client's half of TLS; believes any certificate.
  void secures_as_client();
  /// opens_stream with <starttls/>, and TLS.
  void begins_secured(const Certificate& certificate);
  /// Offers SCRAM and plays it.
  void authenticates(const std::string& password);
  /// Binds as asked; with or without XEP-0198; hears the initial presence and answers the first ping.
  void binds(bool stream_management);
  /// As binds(), without XEP-0198, but the first ping gets no answer: its id.
  std::string binds_and_leaves_the_ping();
  /// Offers XEP-0198, and if the client asks for it, fails.
  void binds_but_refuses_stream_management();
  /// All of it.
  void logs_in(const Certificate& certificate, const std::string& password, bool stream_management = false);

  /// All that the client ever said.
  [[nodiscard]] const std::string& transcript() const { return transcript_; }

 private:
  void binds_resource(bool offers_stream_management);
  std::string hears_first_ping();
  void answers_first_ping();
  void begins_tls(int (*handshake)(ssl_st*));
  void fill();
  void wait_for(short events);

  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  int descriptor_;
  const std::atomic<bool>& over_;
  std::unique_ptr<ssl_ctx_st, FreeContext> context_;
  std::unique_ptr<ssl_st, Free> ssl_;
  std::string heard_;  // not yet asked for
  std::string transcript_;
};

/// The value of an attribute in a start tag; empty when it has none.
[[nodiscard]] std::string attribute_of(std::string_view tag, std::string_view name);

}  // namespace rostrum::test
