// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway's streams against servers, and people on them, that mean no good.
#include <gtest/gtest.h>

#include "tests/contract/gateway/bench.hpp"
#include "tests/support/jabber/scripted_server.hpp"

namespace rostrum::test {
namespace {

using namespace std::chrono_literals;
using gateway::Ending;

const Authority& authority() {
  static const Authority kAuthority;
  return kAuthority;
}

const Certificate& good_certificate() {
  static const Certificate kCertificate = authority().issue("example.org");
  return kCertificate;
}

std::string losses(const std::string& reason) {
  return "rostrum_gateway_stream_losses_total{reason=\"" + reason + "\"";
}
std::string disbelieved(const std::string& rule) {
  return "rostrum_gateway_stanzas_disbelieved_total{rule=\"" + rule + "\"";
}

/// A scripted server and a bench beside it.
class HostileServer {
 public:
  explicit HostileServer(ScriptedServer::Script script)
      : server(std::move(script)), bench({server.address(), authority().file(), "example.org"}) {}
  gateway::SessionSettings site(bool stream_management = false) {
    return bench.session("sender", "site@example.org", "secret", stream_management);
  }
  /// The session ends for this reason.
  void expect_loss(const std::string& reason) {
    SenderOnBench sender(bench, site());
    EXPECT_TRUE(bench.serves_until([&] { return bench.counted(losses(reason)); }))
        << bench.registry.exposition();
    EXPECT_FALSE(sender.session.online());
  }

  ScriptedServer server;
  Bench bench;
};

TEST(HostileServer, certificate_of_another_host_is_refused) {
  const auto certificate = authority().issue("example.com");
  HostileServer hostile([&](Conversation& with) { with.begins_secured(certificate); });
  hostile.expect_loss("not-secure");
}

TEST(HostileServer, certificate_of_an_unknown_authority_is_refused) {
  const Authority stranger;
  const auto certificate = stranger.issue("example.org");
  HostileServer hostile([&](Conversation& with) { with.begins_secured(certificate); });
  hostile.expect_loss("not-secure");
}

TEST(HostileServer, no_tls_no_stream) {
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

TEST(HostileServer, tls_refused_no_stream) {
  HostileServer hostile([](Conversation& with) {
    with.opens_stream("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    with.hears_tag("starttls");
    with.says("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    with.waits();
  });
  hostile.expect_loss("not-secure");
}

TEST(HostileServer, garbage_instead_of_tls_ends_the_stream) {
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

TEST(HostileServer, plaintext_after_proceed_ends_the_stream) {
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

TEST(HostileServer, success_before_tls_means_nothing) {
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

TEST(HostileServer, plain_only_gets_no_password) {
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

TEST(HostileServer, a_server_that_does_not_know_the_password_is_refused) {
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

TEST(HostileServer, a_wrong_signature_is_refused) {
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

TEST(HostileServer, silence_at_any_step_ends_by_a_deadline) {
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

TEST(HostileServer, hostile_stanzas_are_dropped_and_counted_and_the_stream_lives) {
  std::atomic<bool> counted_right{false};
  HostileServer hostile([&](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    std::string nested;
    for (int i = 0; i < 20'000; ++i) nested += "<x>";
    for (int i = 0; i < 20'000; ++i) nested += "</x>";
    with.says("<message from='mallory@example.org'>" + nested + "</message>");
    with.says("<message from='mallory@example.org'><body>" + std::string(400'000, 'x') + "</body></message>");
    with.says("<message from='mallory@example.org'><!-- --><body>&undefined;</body></message>");
    with.says("<message from='mallory@example.org'><received xmlns='urn:xmpp:carbons:2'/></message>");
    with.says(
        "<iq type='set' id='p' from='mallory@example.org'><query xmlns='jabber:iq:roster'><item "
        "jid='m@x'/></query></iq>");
    with.says("<iq type='result' id='guess' from='mallory@example.org'/>");
    with.says("<presence from='mallory@example.org'/><message><body>from nobody</body></message>");
    with.says(
        "<message from='anna@example.org/phone'><received xmlns='urn:xmpp:receipts' id='n1'/></message>");
    with.says("<r xmlns='urn:xmpp:sm:3'/>");
    with.hears("<a");
    counted_right = attribute_of(with.hears(">"), "h") == "10";  // the first ping's answer and nine more
    with.waits();
  });
  SenderOnBench sender(hostile.bench, hostile.site(true));
  EXPECT_TRUE(hostile.bench.serves_until([&] { return counted_right.load(); }));
  EXPECT_TRUE(sender.session.online());
  ASSERT_EQ(sender.messages.size(), 1u);
  EXPECT_NE(sender.messages[0].find("n1"), std::string::npos);
  for (const auto* rule : {"forged-carbon", "forged-roster-push", "forged-answer", "presence", "no-sender"})
    EXPECT_TRUE(hostile.bench.counted(disbelieved(rule))) << rule;
  for (const auto* reason : {"too-deep", "too-large", "forbidden-markup"})
    EXPECT_TRUE(
        hostile.bench.counted("rostrum_gateway_stanzas_dropped_total{reason=\"" + std::string(reason) + "\""))
        << reason;
}

TEST(HostileServer, an_answer_of_somebody_else_is_no_answer) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret");
    const auto describe = with.hears_tag("iq");
    with.hears("</iq>");
    const auto id = attribute_of(describe, "id");
    const std::string door =
        "><describe xmlns='urn:rostrum:door:1' version='1' in-band-registration='closed' "
        "control='site@example.org' site='";
    with.says("<iq type='result' id='" + id + "' from='mallory@example.org'" + door +
              "mallory@example.org'/></iq>");
    with.says("<iq type='result' id='" + id + "' from='example.org'" + door + "shop@example.org'/></iq>");
    with.waits();
  });
  DoorOnBench door(hostile.bench, hostile.bench.session("door", "site@example.org", "secret", false),
                   "shop@example.org");
  EXPECT_TRUE(hostile.bench.serves_until([&] { return door.ready(); }));
  EXPECT_TRUE(hostile.bench.counted(disbelieved("forged-answer")));
}

TEST(HostileServer, a_door_that_never_answers_leaves_unknown) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret");
    const auto id = attribute_of(with.hears_tag("iq"), "id");
    with.says("<iq type='result' id='" + id +
              "' from='example.org'><describe xmlns='urn:rostrum:door:1' version='1' " +
              "in-band-registration='closed' control='site@example.org' site='shop@example.org'/></iq>");
    with.hears("<create");
  });
  DoorOnBench door(hostile.bench, hostile.bench.session("door", "site@example.org", "secret", false),
                   "shop@example.org");
  ASSERT_TRUE(hostile.bench.serves_until([&] { return door.ready(); }));
  EXPECT_EQ(door.outcome(door.ask(gateway::DoorRequest::Action::kCreate, "anna@example.org", "c1")).ending,
            Ending::kUnknown);
}

TEST(HostileServer, dies_with_unconfirmed_messages_and_leaves_unknown) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.hears("hello 3");
  });
  SenderOnBench sender(hostile.bench, hostile.site(true));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  for (int i = 1; i <= 5; ++i) sender.send("anna@example.org", "hello " + std::to_string(i));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.outcomes.size() == 5; }));
  EXPECT_EQ(sender.count(Ending::kUnknown), 5u);
}

TEST(HostileServer, confirms_some_and_dies_and_only_the_rest_is_unknown) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.hears("hello 2");
    with.hears("<r");
    with.says("<a xmlns='urn:xmpp:sm:3' h='3'/>");  // presence, ping and the first message
    with.hears("hello 5");
  });
  SenderOnBench sender(hostile.bench, hostile.site(true), {.barrier_every = 1});
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  for (int i = 1; i <= 5; ++i) sender.send("anna@example.org", "hello " + std::to_string(i));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.outcomes.size() == 5; }));
  EXPECT_EQ(sender.count(Ending::kDone), 1u);
  EXPECT_EQ(sender.count(Ending::kUnknown), 4u);
}

TEST(HostileServer, never_confirms_and_is_given_up) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.waits();
  });
  SenderOnBench sender(hostile.bench, hostile.site(true), {.barrier_deadline = 500ms});
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  const auto id = sender.send("anna@example.org");
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.outcomes.contains(id); }));
  EXPECT_EQ(sender.outcomes.at(id).ending, Ending::kUnknown);
  EXPECT_TRUE(hostile.bench.counted(losses("silent")));
}

TEST(HostileServer, reads_nothing_and_never_makes_us_hold_more_than_our_share) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.waits(false);
  });
  auto settings = hostile.site(true);
  SenderOnBench sender(hostile.bench, std::move(settings),
                       {.unconfirmed_bytes = 8 * 1024 * 1024, .barrier_deadline = 1s});
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  for (int i = 0; i < 3'000; ++i) sender.send("anna@example.org", std::string(16'000, 'x'), 30s);
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.outcomes.size() == 3'000; }, 30s));
  EXPECT_LE(sender.count(Ending::kUnknown), 400u);
  EXPECT_EQ(sender.count(Ending::kUnknown) + sender.count(Ending::kRetry), 3'000u);
}

TEST(HostileServer, a_full_output_buffer_ends_the_stream) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.waits(false);
  });
  auto settings = hostile.site(true);
  settings.output_limits = {.high_water_bytes = 64 * 1024 * 1024,
                            .most_bytes = 4 * 1024 * 1024};  // as if nobody watched the mark
  SenderOnBench sender(hostile.bench, std::move(settings),
                       {.unconfirmed = 2'000, .unconfirmed_bytes = 64 * 1024 * 1024});
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  for (int i = 0; i < 1'500; ++i) sender.send("anna@example.org", std::string(16'000, 'x'), 30s);
  EXPECT_TRUE(hostile.bench.serves_until([&] { return hostile.bench.counted(losses("overflow")); }));
}

TEST(HostileServer, conflict_is_not_fought) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret");
    with.says(
        "<stream:error><conflict "
        "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
  });
  hostile.expect_loss("conflict");
  EXPECT_EQ(hostile.server.connections(), 1);
}

TEST(HostileServer, refuses_connections_and_is_asked_again) {
  Bench bench({"127.0.0.1:1", authority().file(), "example.org"});
  SenderOnBench sender(bench, bench.session("sender", "site@example.org", "secret", false));
  EXPECT_TRUE(bench.serves_until([&] {
    return bench.registry.exposition().find("reason=\"unreachable\",session=\"sender\"} 3") !=
           std::string::npos;
  }));
}

TEST(HostileServer, an_unknown_host_is_unreachable_and_blocks_nobody) {
  Bench bench({"no-such-host.invalid:5222", authority().file(), "example.org"});
  SenderOnBench sender(bench, bench.session("sender", "site@example.org", "secret", false));
  EXPECT_TRUE(bench.serves_until([&] { return bench.counted("rostrum_gateway_stream_losses_total"); }));
}

}  // namespace
}  // namespace rostrum::test
