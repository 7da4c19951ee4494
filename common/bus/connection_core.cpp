// SPDX-License-Identifier: Apache-2.0
#include "common/bus/connection_core.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::bus {

namespace {

LinkTrouble trouble_of(RefusalCode code) {
  switch (code) {
    case RefusalCode::kTooManyPeers:
      return LinkTrouble::kTooManyPeers;
    case RefusalCode::kNotAuthorized:
      return LinkTrouble::kNotAuthorized;
    case RefusalCode::kUnsupported:
      return LinkTrouble::kUnsupported;
    default:
      return LinkTrouble::kFrameRefused;
  }
}

}  // namespace

ConnectionCore::ConnectionCore(Settings settings, Random& random, MonoTime now)
    : settings_(std::move(settings)),
      random_(random),
      addresses_(std::move(settings_.addresses)),
      last_answer_(now),
      wake_at_(now) {}

ConnectionEffects ConnectionCore::tick(MonoTime now) {
  if (now < wake_at_) return {};
  switch (state_) {
    case State::kPausing:
    case State::kFinding:  // a look-up may take its time; one that is under way is not asked for twice
      return connect(now);
    case State::kConnecting:
      return failed(LinkEvent::Kind::kLost, "no connection within the answer deadline", now,
                    LinkTrouble::kUnreachable);
    case State::kGreeting:
      return failed(LinkEvent::Kind::kLost, "no Welcome within the answer deadline", now);
    case State::kOpen:
      return failed(LinkEvent::Kind::kLost, "silent for longer than the answer deadline", now);
  }
  return {};
}

ConnectionEffects ConnectionCore::connect(MonoTime now) {
  wake_at_ = now + settings_.answer_deadline;
  if (addresses_.empty()) {
    state_ = State::kFinding;
    return {FindAddresses{}};
  }
  if (now - last_answer_ >= settings_.answer_deadline) {
    next_ = (next_ + 1) % addresses_.size();
    last_answer_ = now;
  }
  state_ = State::kConnecting;
  address_ = addresses_[next_];
  return {OpenSocket{address_}};
}

ConnectionEffects ConnectionCore::found(std::vector<std::string> addresses, MonoTime now) {
  if (addresses.empty()) return {};
  addresses_ = std::move(addresses);
  const auto present = std::find(addresses_.begin(), addresses_.end(), address_);
  if (present != addresses_.end()) {
    next_ = static_cast<std::size_t>(present - addresses_.begin());
  } else {
    next_ %= addresses_.size();
    last_answer_ = now;  // the turn of another begins
  }
  return state_ == State::kFinding ? connect(now) : ConnectionEffects{};
}

void ConnectionCore::looked(MonoTime now) {
  if (state_ != State::kFinding) return;
  state_ = State::kPausing;
  wake_at_ = now + settings_.pause.delay(++failures_, random_);
}

ConnectionEffects ConnectionCore::handshake_succeeded(MonoTime) {
  if (state_ != State::kConnecting) return {};
  state_ = State::kGreeting;  // the deadline still counts from connect()
  return {SendHello{}};
}

ConnectionEffects ConnectionCore::failed(LinkEvent::Kind kind, const std::string& why, MonoTime now,
                                         LinkTrouble trouble) {
  if (state_ == State::kPausing || state_ == State::kFinding) return {};
  ConnectionEffects effects{CloseSocket{}};
  if (state_ == State::kOpen) effects.emplace_back(ConversationEnded{});
  effects.emplace_back(LinkEvent{kind, address_, why, trouble});
  effects.emplace_back(FindAddresses{});  // what is found during the pause counts after it
  state_ = State::kPausing;
  wake_at_ = now + settings_.pause.delay(++failures_, random_);
  return effects;
}

ConnectionEffects ConnectionCore::received(std::optional<Frame> frame, MonoTime now) {
  if (state_ != State::kGreeting && state_ != State::kOpen) return {};
  if (!frame)
    return failed(LinkEvent::Kind::kFrameRefused, "the other side sent what is not a Frame", now,
                  LinkTrouble::kFrameRefused);
  if (const auto* refusal = std::get_if<RefusalFrame>(&*frame)) return refused(*refusal, now);

  auto* welcome = std::get_if<WelcomeFrame>(&*frame);
  if ((welcome != nullptr) != (state_ == State::kGreeting))
    return failed(LinkEvent::Kind::kFrameRefused, "a frame out of turn", now, LinkTrouble::kFrameRefused);
  last_answer_ = now;
  wake_at_ = now + settings_.answer_deadline;
  if (welcome != nullptr) {
    state_ = State::kOpen;
    auto known_as = welcome->known_as;
    return {ConversationBegun{std::move(*welcome)},
            LinkEvent{LinkEvent::Kind::kConnected, address_, "known as " + known_as}};
  }
  failures_ =
      0;  // not with Welcome already: an intake that dies of our first frame should see us ever less often
  return {FrameArrived{std::move(*frame)}};
}

// What was in the refused frame has no answer of its own; a new conversation sends it again.
ConnectionEffects ConnectionCore::refused(const RefusalFrame& refusal, MonoTime now) {
  return failed(LinkEvent::Kind::kFrameRefused,
                "refused (" + std::to_string(static_cast<int>(refusal.code)) + "): " + refusal.text, now,
                trouble_of(refusal.code));
}

}  // namespace rostrum::bus
