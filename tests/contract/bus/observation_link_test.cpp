// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/bus/observation_fixture.hpp"

namespace rostrum::bus::test {
namespace {

class ObservationLink : public BusTest {
 protected:
  void SetUp() override { key_ = admit("gateway", "presence_observed"); }
  std::unique_ptr<Presence> presence(const std::string& listen = "tcp://127.0.0.1:*",
                                     LinkLimits limits = observation_limits()) {
    return std::make_unique<Presence>(reactor_, random_, *authenticator_, bind_settings(listen, limits),
                                      table_);
  }
  std::unique_ptr<Presence> presence_again(const std::string& endpoint) {
    std::unique_ptr<Presence> made;
    until("the port is free again", [&] {
      try {
        made = presence(endpoint);
      } catch (const std::runtime_error&) {
      }
      return made != nullptr;
    });
    return made;
  }
  std::unique_ptr<Watcher> gateway(std::vector<std::string> endpoints) {
    return std::make_unique<Watcher>(reactor_, random_, connect_settings(std::move(endpoints), *key_));
  }
  void all_is_stored(Watcher& watcher) {
    until("all is stored", [&] { return watcher.unstored() == 0; });
    EXPECT_EQ(table_.stored, watcher.said);
  }

  std::optional<KeyPair> key_;
  LeaseTable table_;
};

TEST_F(ObservationLink, carries_observations_in_order_and_answers_every_frame) {
  const auto service = presence();
  const auto watcher = gateway({(*service)->endpoint()});
  EXPECT_FALSE(watcher->claims()) << "no conversation yet";
  EXPECT_EQ((*watcher)->room(), 0U);
  until("it owns the domain", [&] { return watcher->owns; });
  EXPECT_EQ((*watcher)->room(), 1'024U);
  watcher->sees(20'000);
  all_is_stored(*watcher);
  EXPECT_EQ((*service)->waiting(), 0U);
  EXPECT_EQ(watcher->links.size(), 1U) << "connected once, and nothing else";
}

TEST_F(ObservationLink, answers_a_claim_ahead_of_observations_that_wait) {
  const auto service = presence();
  const auto watcher = gateway({(*service)->endpoint()});
  until("it owns the domain", [&] { return watcher->owns; });
  service->becomes_busy();
  watcher->sees(8'191);
  ASSERT_TRUE(watcher->claims());
  watcher->sees(1);
  until("all has arrived", [&] { return (*service)->waiting() == 8'192; });
  watcher->heard.clear();
  service->is_free_again();
  all_is_stored(*watcher);
  EXPECT_EQ(watcher->heard.front(), "lease");
  EXPECT_EQ(std::count(watcher->heard.begin(), watcher->heard.end(), "stored"), 9);
}

TEST_F(ObservationLink, takes_claims_when_credit_is_used_up_or_none_is_given) {
  auto limits = observation_limits();
  limits.window = 10;
  const auto service = presence("tcp://127.0.0.1:*", limits);
  const auto watcher = gateway({(*service)->endpoint()});
  until("it owns the domain", [&] { return watcher->owns; });
  EXPECT_EQ(watcher->rooms, 1);
  service->becomes_busy();
  (*service)->set_open(false);
  watcher->sees(11);
  EXPECT_EQ((*watcher)->room(), 0U);
  until("all has arrived", [&] { return (*service)->waiting() == 10; });
  service->is_free_again();
  until("what was sent is stored", [&] { return watcher->unstored() == 1; });
  ASSERT_TRUE(watcher->claims());
  until("the claim is answered", [&] { return watcher->answers.size() == 2; });
  EXPECT_EQ((*watcher)->room(), 0U) << "no credit while closed";
  (*service)->set_open(true);
  all_is_stored(*watcher);
  EXPECT_EQ(watcher->rooms, 2);
}

TEST_F(ObservationLink, has_no_room_as_soon_as_the_service_closes_and_room_again_when_it_opens) {
  const auto service = presence();
  const auto watcher = gateway({(*service)->endpoint()});
  until("it owns the domain", [&] { return watcher->owns; });
  EXPECT_GT((*watcher)->room(), 0U);
  (*service)->set_open(false);
  until(
      "it has no room", [&] { return (*watcher)->room() == 0; }, milliseconds{500});
  watcher->sees(3);
  turn_for(milliseconds{50});
  EXPECT_EQ(watcher->unstored(), 3U) << "seen, and kept";
  ASSERT_TRUE(watcher->claims());
  until("a claim is answered all the same", [&] { return watcher->answers.size() == 2; });
  (*service)->set_open(true);
  all_is_stored(*watcher);
  EXPECT_EQ(watcher->rooms, 2);
}

TEST_F(ObservationLink, tells_a_standby_gateway_who_owns_the_domain_until_it_is_given_back) {
  const auto service = presence();
  const auto owner = gateway({(*service)->endpoint()});
  until("the first owns the domain", [&] { return owner->owns; });
  const auto other_key = admit("gateway-2", "presence_observed");
  Watcher standby(reactor_, random_, connect_settings({(*service)->endpoint()}, other_key), 's');
  until("the second is answered", [&] { return !standby.answers.empty(); });
  EXPECT_FALSE(standby.owns);
  EXPECT_EQ(standby.answers[0].owner, "gateway");
  service->becomes_busy();
  owner->sees(3'000);
  ASSERT_TRUE(owner->releases()) << "in one breath: what it saw last, and that it goes";
  until("all has arrived", [&] { return (*service)->waiting() == 3'000; });
  turn_for(milliseconds{20});
  service->is_free_again();
  all_is_stored(*owner);
  until("the second owns the domain", [&] {
    if (!standby.owns) standby.claims();
    return standby.owns;
  });
  EXPECT_EQ(standby.epoch, 2U);
  EXPECT_EQ(standby.answers.back().last_sequence, 0U);
}

TEST_F(ObservationLink, goes_on_where_the_answer_says_when_the_service_dies_and_comes_back) {
  auto service = presence();
  const auto endpoint = (*service)->endpoint();
  const auto watcher = gateway({endpoint});
  until("it owns the domain", [&] { return watcher->owns; });
  watcher->sees(2'000);
  until("some of it is stored", [&] { return watcher->unstored() < 2'000; });
  service->becomes_busy();
  watcher->sees(3'000);
  until("more has arrived", [&] { return (*service)->waiting() > 0; });
  service.reset();  // with everything it held
  until("the gateway notices", [&] { return watcher->told(LinkEvent::Kind::kLost); });
  EXPECT_FALSE(watcher->claims());
  EXPECT_EQ((*watcher)->room(), 0U);
  EXPECT_EQ((*watcher)->frame_bytes(), 0U);
  service = presence_again(endpoint);
  all_is_stored(*watcher);
  EXPECT_EQ(watcher->epoch, 1U) << "the same lease";
}

TEST_F(ObservationLink, turns_to_the_second_service_when_the_first_does_not_come_back) {
  auto first = presence();
  const auto second = presence();
  const auto watcher = gateway({(*first)->endpoint(), (*second)->endpoint()});
  until("it owns the domain", [&] { return watcher->owns; });
  EXPECT_EQ((*second)->peers(), 0U) << "one endpoint in use at a time";
  first->becomes_busy();
  watcher->sees(500);
  until("all has arrived", [&] { return (*first)->waiting() == 500; });
  first.reset();
  all_is_stored(*watcher);
  EXPECT_EQ((*second)->peers(), 1U);
}

TEST_F(ObservationLink, carries_the_largest_frame_it_promises) {
  const auto service = presence();
  const auto watcher = gateway({(*service)->endpoint()});
  until("it owns the domain", [&] { return watcher->owns; });
  const auto bytes = (*watcher)->frame_bytes();
  EXPECT_GT(bytes, 240'000U);
  std::vector<std::string> many(1'024, std::string(bytes / 1'024, 'o'));
  many.back() += std::string(bytes % 1'024, 'o');
  service->becomes_busy();
  (*watcher)->send({std::string(1'023, 'd'), ~0ULL >> 1, (~0ULL >> 1) - 1'024, std::move(many)});
  (*watcher)->send({Watcher::kDomain, 1, 1, {std::string(bytes, 'o')}});
  until("both have arrived", [&] { return (*service)->waiting() == 1'025; });
  EXPECT_EQ(watcher->links.size(), 1U) << "the connection was not cut";
}

TEST_F(ObservationLink, refuses_a_key_without_the_right_which_comes_back_by_itself_once_it_has_it) {
  const auto service = presence();
  key_ = admit("gateway-2", "member_removed");
  const auto watcher = gateway({(*service)->endpoint()});
  until("it is refused", [&] { return watcher->told(LinkEvent::Kind::kFrameRefused); });
  EXPECT_THAT(watcher->links.back().text, testing::HasSubstr("presence_observed"));
  until("and again", [&] {
    return std::count_if(watcher->links.begin(), watcher->links.end(), [](const LinkEvent& event) {
             return event.kind == LinkEvent::Kind::kFrameRefused;
           }) == 3;
  });
  EXPECT_TRUE(watcher->answers.empty());
  admit("gateway-2", *key_, "member_removed presence_observed");
  until("it owns the domain", [&] { return watcher->owns; });
}

TEST_F(ObservationLink, refuses_a_revoked_keys_next_message_although_its_connection_stands) {
  const auto service = presence();
  const auto watcher = gateway({(*service)->endpoint()});
  until("it owns the domain", [&] { return watcher->owns; });
  watcher->sees(1);
  all_is_stored(*watcher);
  std::filesystem::remove(authorized_.path_of("gateway"));
  until("it is revoked", [&] { return authenticator_->keys().size() == 0; });
  EXPECT_TRUE((*watcher)->connected());
  watcher->sees(1);
  until("it is refused", [&] { return watcher->told(LinkEvent::Kind::kFrameRefused); });
  EXPECT_FALSE(watcher->owns);
  EXPECT_EQ(table_.stored.size(), 1U);
  until("it is not let in again", [&] { return watcher->told(LinkEvent::Kind::kRefused); });
  admit("gateway", *key_, "presence_observed");
  all_is_stored(*watcher);
}

}  // namespace
}  // namespace rostrum::bus::test
