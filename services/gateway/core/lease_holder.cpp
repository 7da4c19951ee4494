// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/lease_holder.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace rostrum::gateway {
namespace {

constexpr Milliseconds kAskAgain{500};  // of a standby, and of whoever gets no answer
constexpr Milliseconds kSoonest{20};
constexpr Milliseconds kJitter{50};           // two standbys need not ask in step
constexpr Milliseconds kNotServed{5'000};     // an operator has to do something first
constexpr std::size_t kMostUnanswered = 100;  // the link notices silence long before

}  // namespace

LeaseHolder::Effects LeaseHolder::begun(MonoTime now) {
  connected_ = true;
  heard_ = false;
  standby_ = false;
  if (stopping_) return {};
  return {claim(now)};
}

void LeaseHolder::ended() {
  connected_ = false;
  claims_.clear();
  due_ = MonoTime::max();
}

LeaseHolder::Effects LeaseHolder::answered(const LeaseAnswer& answer, MonoTime now) {
  const auto claim = claims_.find(answer.number);
  if (claim == claims_.end()) return {};
  const auto sent = claim->second;
  claims_.erase(claims_.begin(), std::next(claim));
  return answer.granted ? granted(answer, sent) : refused(answer, now);
}

LeaseHolder::Effects LeaseHolder::granted(const LeaseAnswer& answer, MonoTime sent) {
  // An answer that was on its way while we gave it back.
  if (stopping_ && !owns()) return {SendRelease{answer.epoch}};
  Effects effects;
  // Somebody had it in between and let it go.
  if (owns() && answer.epoch != epoch_) effects.emplace_back(Disown{"another-epoch"});
  if (answer.epoch != epoch_ || !heard_) effects.emplace_back(Own{answer.epoch, answer.last_sequence});
  epoch_ = answer.epoch;
  heard_ = true;
  standby_ = false;
  // The service counted from a moment after we had sent it.
  valid_until_ = sent + answer.valid;
  due_ = stopping_ ? MonoTime::max() : sent + answer.valid / 3;
  return effects;
}

LeaseHolder::Effects LeaseHolder::refused(const LeaseAnswer& answer, MonoTime now) {
  Effects effects;
  if (owns()) give_up(effects, "refused");
  heard_ = true;
  standby_ = true;
  owner_ = answer.owner;
  const auto pause = owner_.empty() ? kNotServed : std::clamp(answer.valid, kSoonest, kAskAgain);
  const auto jitter = Milliseconds{random_.below(static_cast<std::uint64_t>(kJitter.count()))};
  due_ = stopping_ ? MonoTime::max() : now + pause + jitter;
  return effects;
}

LeaseHolder::Effects LeaseHolder::lost(const std::string& reason, MonoTime now) {
  Effects effects;
  if (!owns()) return effects;
  give_up(effects, reason);
  if (connected_ && !stopping_) due_ = now + kAskAgain;
  return effects;
}

LeaseHolder::Effects LeaseHolder::begin_anew(const std::string& reason, MonoTime now) {
  Effects effects;
  if (!owns()) return effects;
  effects.emplace_back(SendRelease{epoch_});
  give_up(effects, reason);
  if (connected_ && !stopping_) effects.emplace_back(claim(now));
  return effects;
}

LeaseHolder::Effects LeaseHolder::stop() {
  Effects effects;
  stopping_ = true;
  due_ = MonoTime::max();
  if (!owns()) return effects;
  effects.emplace_back(SendRelease{epoch_});
  give_up(effects, "stopping");
  return effects;
}

LeaseHolder::Effects LeaseHolder::tick(MonoTime now) {
  if (now < due_ || !connected_) return {};
  return {claim(now)};
}

LeaseHolder::State LeaseHolder::state() const {
  if (owns()) return State::kOwner;
  if (!connected_) return State::kAway;
  return standby_ ? State::kStandby : State::kAsking;
}

LeaseHolder::SendClaim LeaseHolder::claim(MonoTime now) {
  if (token_.empty()) {
    std::array<std::byte, 16> bytes{};
    random_.fill(bytes);
    token_.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  if (claims_.size() == kMostUnanswered) claims_.erase(claims_.begin());
  claims_.emplace(++number_, now);
  due_ = now + kAskAgain;
  return {token_, number_};
}

void LeaseHolder::give_up(Effects& effects, const std::string& reason) {
  epoch_ = 0;
  token_.clear();
  claims_.clear();  // an answer would be about the lease that we gave up
  standby_ = false;
  effects.emplace_back(Disown{reason});
}

}  // namespace rostrum::gateway
