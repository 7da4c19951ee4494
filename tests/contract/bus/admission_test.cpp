// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/bus/bus_fixture.hpp"
#include "tests/contract/bus/raw_peer.hpp"

namespace rostrum::bus::test {
namespace {

class Admission : public BusTest {
 protected:
  /// Long enough for several attempts.
  void nobody_comes_in(Site& site) {
    turn_for(milliseconds{600});
    EXPECT_FALSE(site->connected());
    EXPECT_EQ(intake_->peers(), 0U);
  }
  TakingIntake intake_{reactor_, random_, *authenticator_, bind_settings()};
};

TEST_F(Admission, an_unknown_key_is_refused_and_comes_in_by_itself_once_it_is_added) {
  admit("forum", "member_removed");
  const auto stranger = make_key_pair();
  Site site(reactor_, random_, connect_settings({intake_->endpoint()}, stranger));
  until("it is refused", [&] { return site.told(LinkEvent::Kind::kRefused); });
  nobody_comes_in(site);
  EXPECT_THAT(refused_, testing::Contains("unknown key"));
  EXPECT_THAT(site.links.front().text, testing::HasSubstr("400"));
  admit("shop", stranger, "member_removed");
  until("it is welcome", [&] { return site->connected(); });
}

TEST_F(Admission, nobody_is_refused_for_good_while_keys_cannot_be_read) {
  std::filesystem::permissions(authorized_.path(), std::filesystem::perms{0777});
  authenticator_.reset();
  authenticator_.emplace(reactor_, authenticator_settings());
  EXPECT_THAT(mistakes_, testing::ElementsAre(testing::HasSubstr("chmod go-w")));
  const auto key = make_key_pair();
  authorized_.write("forum", "key " + key.public_key.z85() + "\nallow member_removed\n");
  Site site(reactor_, random_, connect_settings({intake_->endpoint()}, key));
  nobody_comes_in(site);
  EXPECT_THAT(refused_, testing::Contains("the folder of authorized keys is not to be trusted"));
  EXPECT_FALSE(site.told(LinkEvent::Kind::kRefused));
  std::filesystem::permissions(authorized_.path(), std::filesystem::perms{0700});
  until("it is welcome", [&] { return site->connected(); });
}

TEST_F(Admission, a_wrong_file_grants_nothing_and_takes_nothing_from_the_others) {
  const auto forum = admit("forum", "member_removed");
  const auto shop = admit("shop", "member_removed");
  Site mended(reactor_, random_, connect_settings({intake_->endpoint()}, shop));
  until("the shop has credit", [&] { return mended->credit() > 0; });
  authorized_.write("shop", "key " + shop.public_key.z85() + "\nallow member_removed everything\n");
  until("it is told", [&] { return !mistakes_.empty(); });
  EXPECT_THAT(mistakes_, testing::ElementsAre(testing::HasSubstr("shop: line 2: 'everything' is not")));
  static_cast<void>(mended.remove_member("anna"));
  until("the shop is refused", [&] { return mended.told(LinkEvent::Kind::kRefused); });
  EXPECT_THAT(refused_, testing::Contains(testing::HasSubstr("the file of this key is wrong: ")));
  Site site(reactor_, random_, connect_settings({intake_->endpoint()}, forum));
  until("the forum is welcome", [&] { return site->connected(); });
  admit("shop", shop, "member_removed");
  until("the shop is answered", [&] { return !mended.outcomes.empty(); });
  EXPECT_EQ(mended.outcomes[0].status, EventOutcome::Status::kAccepted) << "nothing was lost meanwhile";
}

TEST_F(Admission, a_revoked_key_goes_out_of_force_although_another_file_is_wrong) {
  const auto forum = admit("forum", "member_removed");
  authorized_.write("broken", "let me in\n");
  until("it is told", [&] { return !mistakes_.empty(); });
  std::filesystem::remove(authorized_.path_of("forum"));
  until("it is revoked", [&] { return authenticator_->keys().size() == 0; });
}

TEST_F(Admission, a_folder_that_others_may_write_takes_authority_from_all_and_loses_nothing) {
  const auto forum = admit("forum", "member_removed");
  Site site(reactor_, random_, connect_settings({intake_->endpoint()}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  std::filesystem::permissions(authorized_.path(), std::filesystem::perms{0777});
  until("nobody's key is in force", [&] { return authenticator_->keys().size() == 0; });
  static_cast<void>(site.remove_member("anna"));
  until("it is turned away", [&] { return site.told(LinkEvent::Kind::kFrameRefused); });
  turn_for(milliseconds{300});
  EXPECT_TRUE(site.outcomes.empty());
  EXPECT_FALSE(site.told(LinkEvent::Kind::kRefused)) << "nothing is known against it";
  std::filesystem::permissions(authorized_.path(), std::filesystem::perms{0700});
  until("it is answered", [&] { return !site.outcomes.empty(); });
  EXPECT_EQ(site.outcomes[0].status, EventOutcome::Status::kAccepted);
}

TEST_F(Admission, neither_no_mechanism_nor_plain_comes_in) {
  admit("forum", "member_removed");
  for (const bool plain : {false, true}) {
    RawPeer peer(reactor_, intake_->endpoint(), plain);
    peer.hello();
    turn_for(milliseconds{500});
    EXPECT_FALSE(peer.welcomed());
    EXPECT_EQ(intake_->peers(), 0U);
  }
}

TEST_F(Admission, a_server_with_another_key_than_expected_is_not_believed) {
  const auto forum = admit("forum", "member_removed");
  auto settings = connect_settings({intake_->endpoint()}, forum);
  settings.server = make_key_pair().public_key;
  Site site(reactor_, random_, std::move(settings));
  nobody_comes_in(site);
}

TEST_F(Admission, the_socket_profile_lets_nobody_in_without_an_authenticator) {
  authenticator_.reset();
  zmq::socket_t open(reactor_.context(), zmq::socket_type::router);
  apply_profile(open, {server_, std::nullopt}, kMaxAnswerBytes);
  open.bind("tcp://127.0.0.1:*");
  open.set(zmq::sockopt::rcvtimeo, 500);
  RawPeer peer(reactor_, open.get(zmq::sockopt::last_endpoint), make_key_pair(), server_.public_key);
  peer.hello();
  turn_for(milliseconds{200});
  EXPECT_FALSE(peer.can_send());
  zmq::message_t message;
  EXPECT_FALSE(open.recv(message));
}

/// ZMQ_ZAP_ENFORCE_DOMAIN without a domain would ask no handler, and let everybody in.
TEST_F(Admission, the_socket_profile_sets_a_domain_and_that_it_is_enforced) {
  zmq::socket_t socket(reactor_.context(), zmq::socket_type::router);
  apply_profile(socket, {server_, std::nullopt}, kMaxAnswerBytes);
  int enforced = 0;
  std::size_t size = sizeof enforced;
  ASSERT_EQ(zmq_getsockopt(socket.handle(), 93, &enforced, &size), 0);
  EXPECT_EQ(enforced, 1);
  EXPECT_EQ(socket.get(zmq::sockopt::zap_domain), kZapDomain);
  EXPECT_EQ(socket.get(zmq::sockopt::mechanism), ZMQ_CURVE);
}

/// libzmq 4.3.4 ends the process when a heartbeat of its own is due on such a connection.
TEST_F(Admission, a_peer_that_goes_while_its_messages_are_not_read_ends_no_service) {
  const auto forum = admit("forum", "member_removed");
  zmq::socket_t router(reactor_.context(), zmq::socket_type::router);
  apply_profile(router, {server_, std::nullopt}, kMaxAnswerBytes);
  router.bind("tcp://127.0.0.1:*");
  std::optional<RawPeer> peer(std::in_place, reactor_, router.get(zmq::sockopt::last_endpoint), forum,
                              server_.public_key);
  until("it is let in", [&] { return peer->can_send(); });
  for (int i = 0; i < 100; ++i) peer->send(std::string(100'000, 'x'));
  turn_for(milliseconds{500});
  peer.reset();
  turn_for(milliseconds{5'000});
  zmq::message_t message;
  EXPECT_TRUE(router.recv(message, zmq::recv_flags::dontwait));
}

TEST_F(Admission, a_socket_of_another_domain_lets_nobody_in) {
  const auto forum = admit("forum", "member_removed");
  zmq::socket_t other(reactor_.context(), zmq::socket_type::router);
  apply_profile(other, {server_, std::nullopt}, kMaxAnswerBytes);
  other.set(zmq::sockopt::zap_domain, "other");
  other.bind("tcp://127.0.0.1:*");
  RawPeer peer(reactor_, other.get(zmq::sockopt::last_endpoint), forum, server_.public_key);
  until("it is refused", [&] { return !refused_.empty(); });
  EXPECT_THAT(refused_, testing::Contains("foreign ZAP domain"));
  EXPECT_FALSE(peer.can_send());
}

TEST_F(Admission, a_revoked_keys_next_message_is_refused_although_its_connection_stands) {
  const auto forum = admit("forum", "member_removed");
  Site site(reactor_, random_, connect_settings({intake_->endpoint()}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  std::filesystem::remove(authorized_.path_of("forum"));
  until(
      "it is revoked", [&] { return authenticator_->keys().size() == 0; }, milliseconds{1'000});
  ASSERT_EQ(site.remove_member("anna"), Offer::kTaken);
  until("it is refused", [&] { return site.told(LinkEvent::Kind::kFrameRefused); });
  until("it is not let in again", [&] { return site.told(LinkEvent::Kind::kRefused); });
  EXPECT_TRUE(intake_.order.empty());
  EXPECT_TRUE(site.outcomes.empty()) << "whether it is lost is not for a revocation to decide";
  admit("forum", forum, "member_removed");
  until("it is answered", [&] { return !site.outcomes.empty(); });
  EXPECT_EQ(site.outcomes[0].status, EventOutcome::Status::kAccepted);
}

TEST_F(Admission, a_revoked_key_that_says_nothing_loses_its_credit_too) {
  const auto forum = admit("forum", "member_removed");
  Site site(reactor_, random_, connect_settings({intake_->endpoint()}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  std::filesystem::remove(authorized_.path_of("forum"));
  until("it is forgotten", [&] { return intake_->peers() == 0; });
  until("it has none", [&] { return site->credit() == 0; });
  EXPECT_EQ(site.remove_member("anna"), Offer::kNotNow);
}

TEST_F(Admission, a_replaced_key_loses_its_authority_to_the_one_that_has_its_name_now) {
  const auto old_key = admit("forum", "member_removed");
  Site before(reactor_, random_, connect_settings({intake_->endpoint()}, old_key));
  until("the site has credit", [&] { return before->credit() > 0; });
  const auto new_key = admit("forum", "member_removed");
  Site after(reactor_, random_, connect_settings({intake_->endpoint()}, new_key));
  until("the site has credit", [&] { return after->credit() > 0; });
  static_cast<void>(before.remove_member("anna"));
  ASSERT_EQ(after.remove_member("anna"), Offer::kTaken);
  until("the new one is answered", [&] { return !after.outcomes.empty(); });
  until("the old one is refused", [&] { return before.told(LinkEvent::Kind::kRefused); });
  EXPECT_TRUE(before.outcomes.empty());
  EXPECT_EQ(after.outcomes[0].status, EventOutcome::Status::kAccepted);
}

}  // namespace
}  // namespace rostrum::bus::test
