// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <zmq.hpp>

#include "common/bus/reactor.hpp"
#include "common/bus/socket_profile.hpp"
#include "rostrum/v1/bus.pb.h"

namespace rostrum::bus::test {

/// A client that keeps to no rule: sends whatever it likes and remembers the frames that come back.
class RawPeer {
 public:
  RawPeer(Reactor& reactor, const std::string& endpoint, const KeyPair& own, const PublicKey& server)
      : RawPeer(reactor) {
    apply_profile(socket_, {own, server}, kMaxAnswerBytes);
    socket_.set(zmq::sockopt::immediate, true);
    connect(endpoint);
  }
  /// Without any security mechanism, or with PLAIN.
  RawPeer(Reactor& reactor, const std::string& endpoint, bool plain) : RawPeer(reactor) {
    if (plain) {
      socket_.set(zmq::sockopt::plain_username, "site");
      socket_.set(zmq::sockopt::plain_password, "secret");
    }
    socket_.set(zmq::sockopt::linger, 0);
    connect(endpoint);
  }
  ~RawPeer() { reactor_.unwatch(socket_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void send(const v1::Frame& frame) { send(frame.SerializeAsString()); }
  void send(const std::string& bytes, bool more = false) {
    static_cast<void>(
        socket_.send(zmq::buffer(bytes), more ? zmq::send_flags::sndmore : zmq::send_flags::dontwait));
  }
  void hello(v1::LinkKind link = v1::LINK_KIND_EVENT) {
    v1::Frame frame;
    frame.mutable_hello()->set_protocol_version(1);
    frame.mutable_hello()->set_link(link);
    send(frame);
  }
  /// Whether the connection stands, handshake and all.
  [[nodiscard]] bool can_send() const { return (socket_.get(zmq::sockopt::events) & ZMQ_POLLOUT) != 0; }
  [[nodiscard]] bool welcomed() const { return last(v1::Frame::kWelcome).has_value(); }
  [[nodiscard]] std::optional<v1::Frame> last(v1::Frame::KindCase kind) const {
    for (auto frame = received.rbegin(); frame != received.rend(); ++frame) {
      if (frame->kind_case() == kind) return *frame;
    }
    return std::nullopt;
  }
  [[nodiscard]] v1::RefusalCode refusal() const {
    const auto frame = last(v1::Frame::kRefusal);
    return frame ? frame->refusal().code() : v1::REFUSAL_CODE_UNSPECIFIED;
  }
  std::vector<v1::Frame> received;

 private:
  explicit RawPeer(Reactor& reactor)
      : reactor_(reactor), socket_(reactor.context(), zmq::socket_type::dealer) {}
  void connect(const std::string& endpoint) {
    socket_.connect(endpoint);
    reactor_.watch(socket_, [this] {
      zmq::message_t message;
      if (!socket_.recv(message, zmq::recv_flags::dontwait)) return;
      v1::Frame frame;
      EXPECT_TRUE(frame.ParseFromArray(message.data(), static_cast<int>(message.size())));
      received.push_back(frame);
    });
  }

  Reactor& reactor_;
  mutable zmq::socket_t socket_;
};

}  // namespace rostrum::bus::test
