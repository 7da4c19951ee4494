// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/stream_rules.hpp"

#include <gtest/gtest.h>

namespace rostrum::gateway {
namespace {

constexpr std::string_view kStreams = "http://etherx.jabber.org/streams";
constexpr std::string_view kTls = "urn:ietf:params:xml:ns:xmpp-tls";
constexpr std::string_view kSasl = "urn:ietf:params:xml:ns:xmpp-sasl";

class StreamRulesTest : public testing::Test {
 protected:
  void server_at(StreamPhase phase) { rules.enter(phase); }
  Judgement receives(const Incoming& element) { return rules.judge(element); }
  Judgement receives_message(std::string_view from, std::vector<Incoming::Child> children = {}) {
    return rules.judge({.name = "message", .from = from, .children = std::move(children)});
  }
  Judgement receives_answer(std::string_view id, std::string_view from, std::string_view type = "result") {
    return rules.judge({.name = "iq", .type = type, .id = id, .from = from});
  }

  StreamRules rules{Jid::parse("site@example.org").value()};
};

TEST_F(StreamRulesTest, before_tls_only_its_negotiation_is_believed) {
  EXPECT_EQ(receives({.name = "stream", .xmlns = kStreams}), Judgement::kBelieve);
  EXPECT_EQ(receives({.name = "features", .xmlns = kStreams}), Judgement::kBelieve);
  EXPECT_EQ(receives({.name = "proceed", .xmlns = kTls}), Judgement::kBelieve);
  EXPECT_EQ(receives({.name = "success", .xmlns = kSasl}), Judgement::kOutOfPlace);
  EXPECT_EQ(receives({.name = "challenge", .xmlns = kSasl}), Judgement::kOutOfPlace);
  EXPECT_EQ(receives({.name = "compressed", .xmlns = "http://jabber.org/protocol/compress"}),
            Judgement::kOutOfPlace);
}

TEST_F(StreamRulesTest, no_stanza_is_believed_before_authentication) {
  for (const auto phase : {StreamPhase::kPlain, StreamPhase::kSecured}) {
    server_at(phase);
    EXPECT_EQ(receives_message("anna@example.org"), Judgement::kOutOfPlace);
    EXPECT_EQ(receives_answer("1", ""), Judgement::kOutOfPlace);
    EXPECT_EQ(receives({.name = "presence", .from = "anna@example.org"}), Judgement::kOutOfPlace);
  }
}

TEST_F(StreamRulesTest, success_counts_only_after_a_challenge) {
  server_at(StreamPhase::kSecured);
  EXPECT_EQ(receives({.name = "success", .xmlns = kSasl}), Judgement::kOutOfPlace);
  EXPECT_EQ(receives({.name = "challenge", .xmlns = kSasl}), Judgement::kBelieve);
  EXPECT_EQ(receives({.name = "success", .xmlns = kSasl}), Judgement::kBelieve);
}

TEST_F(StreamRulesTest, binding_is_answered_by_our_own_server_only) {
  server_at(StreamPhase::kAuthenticated);
  EXPECT_EQ(receives_answer("bind", ""), Judgement::kBelieve);
  EXPECT_EQ(receives_answer("bind", "example.org"), Judgement::kBelieve);
  EXPECT_EQ(receives_answer("bind", "site@example.org"), Judgement::kBelieve);
  EXPECT_EQ(receives_answer("bind", "site@example.org/x"), Judgement::kBelieve);
  EXPECT_EQ(receives_answer("bind", "mallory@example.org"), Judgement::kForgedAnswer);
  EXPECT_EQ(receives_answer("bind", "site@example.orgx"), Judgement::kForgedAnswer);
}

TEST_F(StreamRulesTest, an_answer_needs_the_id_and_the_sender_that_were_asked_and_counts_once) {
  server_at(StreamPhase::kOnline);
  rules.expect("q1", "example.org");
  EXPECT_EQ(receives_answer("q1", "mallory@example.org"), Judgement::kForgedAnswer);
  EXPECT_EQ(receives_answer("q1", ""), Judgement::kForgedAnswer);
  EXPECT_EQ(receives_answer("q2", "example.org"), Judgement::kForgedAnswer);
  EXPECT_EQ(receives_answer("q1", "example.org", "error"), Judgement::kBelieve);
  EXPECT_EQ(receives_answer("q1", "example.org"), Judgement::kForgedAnswer);
}

TEST_F(StreamRulesTest, a_new_stream_expects_nothing) {
  server_at(StreamPhase::kOnline);
  rules.expect("q1", "example.org");
  server_at(StreamPhase::kOnline);
  EXPECT_EQ(receives_answer("q1", "example.org"), Judgement::kForgedAnswer);
}

TEST_F(StreamRulesTest, a_roster_push_comes_from_ourselves_or_from_nobody) {
  server_at(StreamPhase::kOnline);
  const auto push = [this](std::string_view from) {
    return receives(
        {.name = "iq", .type = "set", .id = "p", .from = from, .children = {{"query", "jabber:iq:roster"}}});
  };
  EXPECT_EQ(push(""), Judgement::kBelieve);
  EXPECT_EQ(push("site@example.org"), Judgement::kBelieve);
  EXPECT_EQ(push("mallory@example.org"), Judgement::kForgedRosterPush);
  EXPECT_EQ(push("site@example.org/other"), Judgement::kForgedRosterPush);
}

TEST_F(StreamRulesTest, carbons_are_never_believed) {
  server_at(StreamPhase::kOnline);
  EXPECT_EQ(receives_message("mallory@example.org", {{"received", "urn:xmpp:carbons:2"}}),
            Judgement::kForgedCarbon);
  EXPECT_EQ(receives_message("site@example.org", {{"sent", "urn:xmpp:carbons:2"}}), Judgement::kForgedCarbon);
  EXPECT_EQ(receives_message("anna@example.org/x", {{"received", "urn:xmpp:receipts"}}), Judgement::kBelieve);
}

TEST_F(StreamRulesTest, a_message_needs_a_sender) {
  server_at(StreamPhase::kOnline);
  EXPECT_EQ(receives_message(""), Judgement::kNoSender);
  EXPECT_EQ(receives_message("a b@example.org"), Judgement::kNoSender);
  EXPECT_EQ(receives_message("other.org"), Judgement::kNoSender);
  EXPECT_EQ(receives_message("example.org"), Judgement::kBelieve);
}

TEST_F(StreamRulesTest, presence_is_believed_only_where_it_is_taken_and_the_stream_stands) {
  rules = StreamRules(Jid::parse("site@example.org").value(), true);
  const Incoming presence{.name = "presence", .from = "anna@example.org/x"};
  server_at(StreamPhase::kSecured);
  EXPECT_EQ(receives(presence), Judgement::kOutOfPlace);
  server_at(StreamPhase::kAuthenticated);
  EXPECT_EQ(receives(presence), Judgement::kPresence);
  server_at(StreamPhase::kOnline);
  EXPECT_EQ(receives(presence), Judgement::kBelieve);
}

TEST_F(StreamRulesTest, presence_and_foreign_namespaces_are_ignored) {
  server_at(StreamPhase::kOnline);
  EXPECT_EQ(receives({.name = "presence", .from = "anna@example.org/x"}), Judgement::kPresence);
  EXPECT_EQ(receives({.name = "message", .xmlns = "jabber:server", .from = "anna@example.org"}),
            Judgement::kOutOfPlace);
  EXPECT_EQ(receives({.name = "success", .xmlns = kSasl}), Judgement::kOutOfPlace);
  EXPECT_EQ(receives({.name = "features", .xmlns = kStreams}), Judgement::kOutOfPlace);
  EXPECT_EQ(receives({.name = "a", .xmlns = "urn:xmpp:sm:3"}), Judgement::kBelieve);
}

}  // namespace
}  // namespace rostrum::gateway
