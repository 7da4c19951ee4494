// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <filesystem>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/contract/bus/bus_fixture.hpp"
#include "tests/contract/bus/raw_peer.hpp"

namespace rostrum::bus::test {
namespace {

/// Peers that are let in and then break every rule; beside them an honest site that must not notice.
class HostilePeer : public BusTest {
 protected:
  void SetUp() override {
    key_ = admit("hostile", "member_removed");
    auto settings = bind_settings("tcp://127.0.0.1:*", limits_);
    settings.on_connections = [this](const ConnectionReport& report) {
      connected_ = {report.connections,
                    report.silent,
                    connected_.cut_silent + report.cut_silent,
                    connected_.cut_excess + report.cut_excess,
                    connected_.cut_routing_id + report.cut_routing_id,
                    connected_.cut_revoked + report.cut_revoked};
    };
    intake_.emplace(reactor_, random_, *authenticator_, std::move(settings));
    peer_.emplace(reactor_, (*intake_)->endpoint(), *key_, server_.public_key);
    until("the handshake is done", [&] { return peer_->can_send(); });
  }
  void becomes_welcome() {
    peer_->hello();
    until("it is welcome", [&] { return peer_->welcomed(); });
  }
  void is_refused_with(v1::RefusalCode code) {
    until("it is refused", [&] { return peer_->refusal() == code; });
  }
  void an_honest_site_is_served() {
    const auto honest = admit("forum", "member_removed");
    Site site(reactor_, random_, connect_settings({(*intake_)->endpoint()}, honest));
    until("the honest site has credit", [&] { return site->credit() > 0; });
    ASSERT_EQ(site.remove_member("anna"), Offer::kTaken);
    until("the honest site is answered", [&] { return site.count(EventOutcome::Status::kAccepted) == 1; });
  }
  v1::Frame batch(int count, std::size_t filling_bytes = 0) {
    v1::Frame frame;
    for (int i = 0; i < count; ++i) {
      v1::Event event;
      event.set_id(EventId::make(clock_.wall(), random_).to_bytes());
      event.mutable_member_removed();
      event.set_traceparent(std::string(filling_bytes, 'x'));
      frame.mutable_batch()->add_events(event.SerializeAsString());
    }
    return frame;
  }

  LinkLimits limits_{.max_batch = 20, .window = 50, .window_bytes = 300'000};
  std::optional<KeyPair> key_;
  ConnectionReport connected_{};  ///< as last told, with all that were cut so far
  std::optional<TakingIntake> intake_;
  std::optional<RawPeer> peer_;
};

TEST_F(HostilePeer, sends_garbage) {
  for (const auto& bytes :
       {std::string("garbage"), std::string(1, '\0'), std::string(100'000, '\x0a'), std::string()})
    peer_->send(bytes);
  is_refused_with(v1::REFUSAL_CODE_MALFORMED_FRAME);
  an_honest_site_is_served();
}

TEST_F(HostilePeer, sends_a_message_of_sixteen_parts) {
  becomes_welcome();
  for (int i = 0; i < 15; ++i) peer_->send(std::string(1'000, 'x'), true);
  peer_->send("last");
  is_refused_with(v1::REFUSAL_CODE_MALFORMED_FRAME);
  EXPECT_EQ((*intake_)->waiting(), 0U);
  an_honest_site_is_served();
}

TEST_F(HostilePeer, says_no_hello) {
  peer_->send(batch(1));
  is_refused_with(v1::REFUSAL_CODE_NO_HELLO);
}

TEST_F(HostilePeer, wants_another_link) {
  peer_->hello(v1::LINK_KIND_COMMAND);
  is_refused_with(v1::REFUSAL_CODE_UNSUPPORTED);
  peer_->received.clear();
  peer_->hello(v1::LINK_KIND_OBSERVATION);
  is_refused_with(v1::REFUSAL_CODE_UNSUPPORTED);
}

TEST_F(HostilePeer, claims_and_observes_where_events_belong) {
  becomes_welcome();
  v1::Frame claim;
  claim.mutable_lease_claim()->set_domain("example.org");
  v1::Frame release;
  release.mutable_lease_release()->set_epoch(1);
  v1::Frame seen;
  seen.mutable_observations()->add_observations("forged");
  for (const auto& frame : {claim, release, seen}) {
    peer_->received.clear();
    peer_->send(frame);
    is_refused_with(v1::REFUSAL_CODE_MALFORMED_FRAME);
  }
  an_honest_site_is_served();
}

TEST_F(HostilePeer, sends_more_than_its_credit_and_gets_nothing_of_that_frame_in) {
  becomes_welcome();
  intake_->hold();
  for (int i = 0; i < 3; ++i) peer_->send(batch(20));
  is_refused_with(v1::REFUSAL_CODE_OVER_CREDIT);
  EXPECT_EQ((*intake_)->waiting(), 40U);
  intake_->release();
  an_honest_site_is_served();
}

TEST_F(HostilePeer, sends_more_than_a_batch_may_hold) {
  becomes_welcome();
  peer_->send(batch(21));
  is_refused_with(v1::REFUSAL_CODE_BATCH_TOO_LARGE);
}

TEST_F(HostilePeer, counts_events_and_no_bytes_and_is_told_so) {
  becomes_welcome();
  intake_->hold();
  for (int i = 0; i < 2; ++i) peer_->send(batch(4, 60'000));
  is_refused_with(v1::REFUSAL_CODE_OVER_CREDIT);
  EXPECT_EQ((*intake_)->waiting(), 4U);
  peer_->send(batch(1));  // the conversation goes on
  until("it is taken", [&] { return (*intake_)->waiting() == 5; });
  intake_->release();
  an_honest_site_is_served();
}

TEST_F(HostilePeer, sends_an_event_without_an_id) {
  becomes_welcome();
  v1::Frame frame;
  frame.mutable_batch()->add_events("");
  peer_->send(frame);
  is_refused_with(v1::REFUSAL_CODE_UNREADABLE_ID);
}

TEST_F(HostilePeer, sends_a_frame_above_the_limit_and_loses_its_connection) {
  becomes_welcome();
  peer_->send(std::string(300'000, 'x'));
  until("it is gone", [&] { return (*intake_)->peers() == 0; });
  an_honest_site_is_served();
}

TEST_F(HostilePeer, says_hello_over_and_over_with_full_windows_and_holds_no_more_than_one) {
  intake_->hold();
  for (int i = 0; i < 50; ++i) {
    peer_->hello();
    peer_->send(batch(20));
    peer_->send(batch(20));
  }
  until("all is read", [&] { return peer_->received.size() >= 50; });
  turn_for(milliseconds{100});
  EXPECT_LE((*intake_)->waiting(), 50U);
  intake_->release();
  an_honest_site_is_served();
}

TEST_F(HostilePeer, chooses_its_own_routing_id_and_is_cut_before_it_can_hear_anything) {
  zmq::socket_t thief(reactor_.context(), zmq::socket_type::dealer);
  apply_profile(thief, {*key_, server_.public_key}, kMaxAnswerBytes);
  thief.set(zmq::sockopt::routing_id, "victim");
  thief.set(zmq::sockopt::immediate, true);  // writable when the connection stands
  thief.connect((*intake_)->endpoint());
  until("the handshake is done", [&] { return (thief.get(zmq::sockopt::events) & ZMQ_POLLOUT) != 0; });
  v1::Frame frame;
  frame.mutable_hello()->set_protocol_version(1);
  frame.mutable_hello()->set_link(v1::LINK_KIND_EVENT);
  static_cast<void>(thief.send(zmq::buffer(frame.SerializeAsString()), zmq::send_flags::dontwait));
  until("it is cut", [&] { return connected_.cut_routing_id == 1; });
  until("its connection is gone", [&] { return (thief.get(zmq::sockopt::events) & ZMQ_POLLOUT) == 0; });
  zmq::message_t heard;
  EXPECT_FALSE(thief.recv(heard, zmq::recv_flags::dontwait));
  EXPECT_EQ((*intake_)->peers(), 0U);
  an_honest_site_is_served();
}

TEST_F(HostilePeer, does_not_hang_up_when_its_key_is_revoked_and_is_cut) {
  becomes_welcome();
  std::filesystem::remove(authorized_.path_of("hostile"));
  is_refused_with(v1::REFUSAL_CODE_NOT_AUTHORIZED);
  until("it is cut", [&] { return connected_.cut_revoked == 1; });
  until("its connection is gone", [&] { return !peer_->can_send(); });
}

TEST_F(HostilePeer, is_one_of_many_strangers_who_say_nothing_and_keep_nobody_out) {
  const auto endpoint = (*intake_)->endpoint();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  becomes_welcome();
  std::vector<int> strangers;
  for (int i = 0; i < 300; ++i) {
    strangers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    static_cast<void>(
        ::connect(strangers.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    if (i % 20 == 0) turn_for(milliseconds{1});
  }
  until("those who came first are shut down", [&] { return connected_.cut_silent >= 100; });
  EXPECT_LE(connected_.silent, 128U);
  an_honest_site_is_served();
  peer_->received.clear();
  becomes_welcome();  // on the same connection: who is in stays in
  for (const int stranger : strangers) ::close(stranger);
}

TEST_F(HostilePeer, is_a_stranger_who_announces_a_huge_frame_before_any_handshake) {
  const auto endpoint = (*intake_)->endpoint();
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  static_cast<void>(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  turn_for(milliseconds{50});
  // A ZMTP 3.0 greeting that names CURVE, then a long command frame of 2^40 bytes.
  std::string bytes("\xff\0\0\0\0\0\0\0\0\x7f\x03\0CURVE", 17);
  bytes.resize(64);
  bytes += std::string("\x06\0\0\x01\0\0\0\0\0", 9);
  EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  std::array<char, 256> answer{};
  ssize_t last = -1;
  until(
      "the connection is closed",
      [&] {
        last = ::recv(socket, answer.data(), answer.size(), 0);
        return last == 0 || (last < 0 && errno == ECONNRESET);
      },
      milliseconds{2'000});
  ::close(socket);
  an_honest_site_is_served();
}

}  // namespace
}  // namespace rostrum::bus::test
