// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/contract/bus/observation_fixture.hpp"
#include "tests/contract/bus/raw_peer.hpp"

namespace rostrum::bus::test {
namespace {

/// Peers of the observation link that break every rule; beside them an honest gateway that must not notice.
class HostileObserver : public BusTest {
 protected:
  void SetUp() override {
    key_ = admit("hostile", "presence_observed");
    service_.emplace(reactor_, random_, *authenticator_, bind_settings("tcp://127.0.0.1:*", limits_), table_);
    becomes_a_fresh_peer();
  }
  void becomes_a_fresh_peer() {
    peer_.emplace(reactor_, (*service_)->endpoint(), *key_, server_.public_key);
    until("the handshake is done", [&] { return peer_->can_send(); });
  }
  void becomes_welcome() {
    peer_->hello(v1::LINK_KIND_OBSERVATION);
    until("it is welcome", [&] { return peer_->welcomed(); });
  }
  void is_refused_with(v1::RefusalCode code) {
    until("it is refused", [&] { return peer_->refusal() == code; });
    EXPECT_EQ((*service_)->waiting(), 0U);
    peer_->received.clear();
  }
  void an_honest_gateway_is_served() {
    const auto honest = admit("gateway", "presence_observed");
    Watcher watcher(reactor_, random_, connect_settings({(*service_)->endpoint()}, honest));
    watcher.sees(10);
    until("the honest gateway is served", [&] { return watcher.unstored() == 0; });
    EXPECT_EQ(table_.stored, watcher.said);
  }
  static v1::Frame claim(const std::string& domain, const std::string& token) {
    v1::Frame frame;
    frame.mutable_lease_claim()->set_domain(domain);
    frame.mutable_lease_claim()->set_token(token);
    return frame;
  }
  static v1::Frame seen(std::uint64_t epoch, std::uint64_t first, int count) {
    v1::Frame frame;
    auto& observations = *frame.mutable_observations();
    observations.set_domain("example.org");
    observations.set_epoch(epoch);
    observations.set_first_sequence(first);
    for (int i = 0; i < count; ++i) observations.add_observations("forged");
    return frame;
  }

  LinkLimits limits_{.max_batch = 20, .window = 50};
  std::optional<KeyPair> key_;
  LeaseTable table_;
  std::optional<Presence> service_;
  std::optional<RawPeer> peer_;
};

TEST_F(HostileObserver, wants_another_link) {
  peer_->hello(v1::LINK_KIND_EVENT);
  is_refused_with(v1::REFUSAL_CODE_UNSUPPORTED);
  peer_->hello(static_cast<v1::LinkKind>(77));
  is_refused_with(v1::REFUSAL_CODE_UNSUPPORTED);
}

TEST_F(HostileObserver, says_no_hello) {
  peer_->send(claim("example.org", std::string(16, 'x')));
  is_refused_with(v1::REFUSAL_CODE_NO_HELLO);
  an_honest_gateway_is_served();
}

TEST_F(HostileObserver, sends_garbage_and_frames_that_have_no_place_here) {
  becomes_welcome();
  v1::Frame batch;
  batch.mutable_batch()->add_events("event");
  v1::Frame answer;
  answer.mutable_lease_answer()->set_granted(true);
  v1::Frame stored;
  stored.mutable_observations_stored()->set_status(v1::STORE_STATUS_STORED);
  for (const auto& bytes :
       {std::string("garbage"), std::string(100'000, '\x0a'), std::string("\x8a\x02\xff", 3),
        batch.SerializeAsString(), answer.SerializeAsString(), stored.SerializeAsString(),
        claim("example.org", "short").SerializeAsString(),
        claim("", std::string(16, 'x')).SerializeAsString(),
        claim(std::string(200'000, 'd'), std::string(16, 'x')).SerializeAsString(),
        seen(1, 1, 0).SerializeAsString(), seen(0, 1, 1).SerializeAsString(),
        seen(1, 0, 1).SerializeAsString(), seen(1, ~0ULL, 1).SerializeAsString(),
        seen(~0ULL, 1, 1).SerializeAsString()}) {
    peer_->send(bytes);
    is_refused_with(v1::REFUSAL_CODE_MALFORMED_FRAME);
  }
  an_honest_gateway_is_served();
}

TEST_F(HostileObserver, sends_more_than_its_credit_or_than_a_frame_may_hold) {
  becomes_welcome();
  peer_->send(seen(1, 1, 21));
  is_refused_with(v1::REFUSAL_CODE_BATCH_TOO_LARGE);
  service_->becomes_busy();
  for (int i = 0; i < 3; ++i) peer_->send(seen(1, 1, 20));
  until("it is refused", [&] { return peer_->refusal() == v1::REFUSAL_CODE_OVER_CREDIT; });
  EXPECT_EQ((*service_)->waiting(), 40U) << "nothing of that frame came in";
  service_->is_free_again();
  an_honest_gateway_is_served();
}

TEST_F(HostileObserver, claims_ever_more_domains_and_says_hello_over_and_over) {
  service_->becomes_busy();
  for (int i = 0; i < 50; ++i) {
    peer_->received.clear();
    becomes_welcome();
    for (int j = 0; j < 10; ++j) peer_->send(claim("d" + std::to_string(10 * i + j), std::string(16, 'x')));
    peer_->send(seen(1, 1, 20));
  }
  peer_->received.clear();
  becomes_welcome();
  EXPECT_EQ((*service_)->waiting(), 0U) << "what was said before a Hello is forgotten";
  service_->is_free_again();
  an_honest_gateway_is_served();
}

TEST_F(HostileObserver, sends_frames_bent_at_random) {
  becomes_welcome();
  const std::uint64_t seed = random_.below(1'000'000);
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  for (int i = 0; i < 500; ++i) {
    auto bytes = (random.below(2) == 0 ? claim("example.net", std::string(16, 'x')) : seen(7, 1, 3))
                     .SerializeAsString();
    for (auto changes = 1 + random.below(3); changes > 0; --changes)
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    peer_->send(bytes);
    turn_for(milliseconds{0});
  }
  becomes_a_fresh_peer();
  an_honest_gateway_is_served();
}

}  // namespace
}  // namespace rostrum::bus::test
