// SPDX-License-Identifier: GPL-3.0-or-later
// Servers that are not who they say, or not safe to speak to.
#include <gtest/gtest.h>

#include "tests/contract/gateway/hostile_server.hpp"

namespace rostrum::test {
namespace {

using namespace std::chrono_literals;

TEST(HostileNegotiation, certificate_of_another_host_is_refused) {
  const auto certificate = authority().issue("example.com");
  HostileServer hostile([&](Conversation& with) { with.begins_secured(certificate); });
  hostile.expect_loss("not-secure");
}

TEST(HostileNegotiation, certificate_of_an_unknown_authority_is_refused) {
  const Authority stranger;
  const auto certificate = stranger.issue("example.org");
  HostileServer hostile([&](Conversation& with) { with.begins_secured(certificate); });
  hostile.expect_loss("not-secure");
}

TEST(HostileNegotiation, no_tls_no_stream) {
  std::atomic<bool> told_a_secret{false};
  HostileServer hostile([&](Conversation& with) {
    with.opens_stream(
        "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>");
    with.hears("<auth");
    told_a_secret = true;
  });
  hostile.expect_loss("not-secure");
  EXPECT_FALSE(told_a_secret);
}

TEST(HostileNegotiation, tls_refused_no_stream) {
  HostileServer hostile([](Conversation& with) {
    with.opens_stream("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    with.hears_tag("starttls");
    with.says("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    with.waits();
  });
  hostile.expect_loss("not-secure");
}

TEST(HostileNegotiation, garbage_instead_of_tls_ends_the_stream) {
  HostileServer hostile([](Conversation& with) {
    with.opens_stream("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    with.hears_tag("starttls");
    with.says("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    with.hears("\x16\x03");  // the client's hello
    with.says("no TLS spoken here");
    with.waits();
  });
  hostile.expect_loss("not-secure");
}

TEST(HostileNegotiation, plaintext_after_proceed_ends_the_stream) {
  HostileServer hostile([](Conversation& with) {
    with.opens_stream("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    with.hears_tag("starttls");
    with.says(
        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><message "
        "from='mallory@example.org'><body>x</body></message>");
    with.secures(good_certificate());
    with.waits();
  });
  hostile.expect_loss("not-secure");
}

TEST(HostileNegotiation, success_before_tls_means_nothing) {
  HostileServer hostile([](Conversation& with) {
    with.hears_tag("stream:stream");
    with.says(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/><message "
        "from='mallory@example.org'><body>x</body></message>");
    with.waits();
  });
  hostile.expect_loss("silent");
  EXPECT_TRUE(hostile.bench.counted(disbelieved("out-of-place")));
}

TEST(HostileNegotiation, plain_only_gets_no_password) {
  std::atomic<bool> told_a_secret{false};
  for (const auto* features :
       {"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>",
        "<auth xmlns='http://jabber.org/features/iq-auth'/>", ""}) {
    HostileServer hostile([&](Conversation& with) {
      with.begins_secured(good_certificate());
      with.opens_stream(features);
      with.hears("<");
      told_a_secret =
          with.hears(">").starts_with("auth") || with.transcript().find("<iq") != std::string::npos;
    });
    hostile.expect_loss("not-authentic");
    EXPECT_FALSE(told_a_secret) << features;
  }
}

TEST(HostileNegotiation, a_server_that_does_not_know_the_password_is_refused) {
  HostileServer hostile([](Conversation& with) {
    with.begins_secured(good_certificate());
    with.opens_stream(
        "<mechanisms "
        "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>");
    with.hears_tag("auth");
    with.says(
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj0=</success>");  // no challenge, no signature
    with.waits();
  });
  hostile.expect_loss("silent");
}

TEST(HostileNegotiation, a_wrong_signature_is_refused) {
  HostileServer hostile([](Conversation& with) {
    with.begins_secured(good_certificate());
    with.opens_stream(
        "<mechanisms "
        "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>");
    with.hears_tag("auth");
    with.says("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj1hLHM9YWJjZCxpPTQwOTY=</challenge>");
    with.hears_tag("response");
    with.says("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1hYmNkZWZnaA==</success>");
    with.waits();
  });
  hostile.expect_loss("not-authentic");
}

TEST(HostileNegotiation, silence_at_any_step_ends_by_a_deadline) {
  using Step = std::function<void(Conversation&)>;
  const std::vector<Step> until = {
      [](Conversation&) {},
      [](Conversation& with) { with.opens_stream("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"); },
      [](Conversation& with) {
        with.opens_stream("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        with.says("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
      },
      [](Conversation& with) { with.begins_secured(good_certificate()); },
      [](Conversation& with) {
        with.begins_secured(good_certificate());
        with.authenticates("secret");
      },
      [](Conversation& with) {
        with.begins_secured(good_certificate());
        with.authenticates("secret");
        with.opens_stream("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>");
      },
      [](Conversation& with) { with.logs_in(good_certificate(), "secret"); },
  };
  for (const auto& step : until) {
    HostileServer hostile([&](Conversation& with) {
      step(with);
      with.waits();
    });
    auto settings = hostile.site();
    settings.times.step_deadline = 400ms;
    settings.times.ping_every = 300ms;
    settings.times.ping_deadline = 300ms;
    SenderOnBench sender(hostile.bench, std::move(settings));
    EXPECT_TRUE(hostile.bench.serves_until([&] { return hostile.bench.counted(losses("silent")); }))
        << &step - until.data();
  }
}

TEST(HostileNegotiation, conflict_is_not_fought) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret");
    with.says(
        "<stream:error><conflict "
        "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
  });
  hostile.expect_loss("conflict");
  EXPECT_EQ(hostile.server.connections(), 1);
}

TEST(HostileNegotiation, refuses_connections_and_is_asked_again) {
  Bench bench({"127.0.0.1:1", authority().file(), "example.org"});
  SenderOnBench sender(bench, bench.session("sender", "site@example.org", "secret", false));
  EXPECT_TRUE(bench.serves_until([&] {
    return bench.registry.exposition().find("reason=\"unreachable\",session=\"sender\"} 3") !=
           std::string::npos;
  }));
}

TEST(HostileNegotiation, an_unknown_host_is_unreachable_and_blocks_nobody) {
  Bench bench({"no-such-host.invalid:5222", authority().file(), "example.org"});
  SenderOnBench sender(bench, bench.session("sender", "site@example.org", "secret", false));
  EXPECT_TRUE(bench.serves_until([&] { return bench.counted("rostrum_gateway_stream_losses_total"); }));
}

TEST(HostileNegotiation, stream_management_offered_and_refused_is_done_without) {
  HostileServer hostile([](Conversation& with) {
    with.begins_secured(good_certificate());
    with.authenticates("secret");
    with.binds_but_refuses_stream_management();
    with.waits();
  });
  SenderOnBench sender(hostile.bench, hostile.site(true));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
}

}  // namespace
}  // namespace rostrum::test
