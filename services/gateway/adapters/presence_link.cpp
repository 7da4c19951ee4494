// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/presence_link.hpp"

#include <algorithm>
#include <utility>

#include "common/base/crash_point.hpp"
#include "common/base/text.hpp"
#include "services/gateway/adapters/observation_message.hpp"

namespace rostrum::gateway {

PresenceLink::PresenceLink(SessionTools tools, Settings settings, MakeSettings session,
                           metrics::Health::Part& health, OnMessage on_message)
    : clock_(tools.reactor.clock()),
      tools_(tools),
      settings_(std::move(settings)),
      domain_(settings_.addresses.domain()),
      make_settings_(std::move(session)),
      health_(health),
      on_message_(std::move(on_message)),
      metrics_(tools.registry),
      session_metrics_(tools.registry, "presence"),
      lease_(tools.random),
      reporter_(domain_.size()),
      report_(tools.log, tools.registry, clock_, "gateway", "presence"),
      pulse_timer_(tools.reactor),
      tell_timer_(tools.reactor),
      retire_timer_(tools.reactor),
      publisher_(tools.reactor, tools.random, std::move(settings_.service), handlers()) {
  pulse();
}

bus::ObservationPublisher::Handlers PresenceLink::handlers() {
  return {.on_begun = [this] { perform(lease_.begun(now())); },
          .on_ended =
              [this] {
                lease_.ended();
                reporter_.link_lost();
                let_go_when_told();
              },
          .on_lease = [this](const bus::LeaseAnswerFrame& answer) { answered(answer); },
          .on_stored = [this](const bus::ObservationsStoredFrame& answer) { stored(answer); },
          .on_room = [this] { tell(); },
          .on_link = [this](const bus::LinkEvent& event) { report_.hear(event); }};
}

// --- the lease

void PresenceLink::answered(const bus::LeaseAnswerFrame& answer) {
  if (answer.domain != domain_) return;
  perform(lease_.answered({answer.number, answer.granted, answer.epoch, answer.last_sequence,
                           Milliseconds{answer.valid_ms}, answer.owner},
                          now()));
  let_go_when_told();
}

void PresenceLink::perform(const LeaseHolder::Effects& effects) {
  for (const auto& effect : effects) std::visit([this](const auto& one) { perform_one(one); }, effect);
  show();
  pulse();
}

void PresenceLink::perform_one(const LeaseHolder::SendClaim& effect) {
  // One that the socket does not take is like one without an answer: the next one follows.
  std::ignore =
      publisher_.claim({domain_, effect.token, effect.number, age_ms(reporter_.behind_since(), now())});
}

void PresenceLink::perform_one(const LeaseHolder::SendRelease& effect) {
  // One that is not taken leaves the lease to its end.
  std::ignore = publisher_.release({domain_, effect.epoch});
}

void PresenceLink::perform_one(const LeaseHolder::Own& effect) {
  const bool is_new = effect.epoch != reporter_.epoch();
  crash_point("lease.owned");
  if (!reporter_.own(effect.epoch, effect.last_sequence))
    return perform(lease_.begin_anew("lost-place", now()));
  tell_soon();
  if (!is_new) return;
  tools_.log.info("presence_owned", {{"domain", domain_}, {"epoch", effect.epoch}});
  session_ = std::make_unique<PresenceSession>(
      tools_, make_settings_(), settings_.source, settings_.addresses, effect.epoch,
      [this](const Sighting& seen) { see(seen); }, on_message_);
}

void PresenceLink::perform_one(const LeaseHolder::Disown& effect) {
  const std::initializer_list<log::Field> fields = {
      {"domain", domain_}, {"epoch", reporter_.epoch()}, {"reason", effect.reason}};
  stopping_ ? tools_.log.info("presence_disowned", fields) : tools_.log.warning("presence_disowned", fields);
  reporter_.disown();
  seen_whole_ = false;
  unfit_because_.clear();
  retire_session();
}

void PresenceLink::retire_session() {
  if (session_ == nullptr) return;
  session_->mute();
  retired_.push_back(std::move(session_));
  retire_timer_.start(Milliseconds{0}, [this] { see_off(); });
}

void PresenceLink::see_off() {
  constexpr Milliseconds kLook{20};
  for (const auto& one : retired_) one->close();
  std::erase_if(retired_, [](const auto& one) { return one->closed(); });
  if (!retired_.empty()) retire_timer_.start(kLook, [this] { see_off(); });
}

// --- what is seen

void PresenceLink::see(const Sighting& seen) {
  if (stopping_) return;
  std::visit([this](const auto& one) { see_one(one); }, seen);
  tell_soon();
}

void PresenceLink::see_one(const ViewBegan& seen) {
  unfit_because_.clear();
  reporter_.see(seen, now());
}

void PresenceLink::see_one(const ViewWhole& seen) {
  seen_whole_ = true;
  reporter_.see(seen, now());
  tools_.log.info("presence_view_whole", {{"domain", domain_}, {"resources", reporter_.table().size()}});
}

void PresenceLink::see_one(const ViewLost& seen) {
  if (std::exchange(seen_whole_, false))
    tools_.log.warning("presence_view_lost", {{"domain", domain_}, {"reason", seen.reason}});
  reporter_.see(seen, now());
}

void PresenceLink::see_one(const Came& seen) {
  if (const auto distrust = reporter_.see(seen, now())) metrics_.ignored(*distrust);
}

/// Nobody sees the domain for us any more, and that is said before we let it go.
void PresenceLink::see_one(const Superseded& seen) {
  see_one(ViewLost{seen.reason});
  tell();
  perform(lease_.lost(seen.reason, now()));
}

void PresenceLink::see_one(const Unfit& seen) {
  unfit_because_ = seen.why;
  tools_.log.error("presence_unfit", {{"reason", seen.why}});
}

// --- what is told

/// What is seen in one turn of the reactor leaves together.
void PresenceLink::tell_soon() {
  if (!tell_timer_.armed()) tell_timer_.start(Milliseconds{0}, [this] { tell(); });
}

void PresenceLink::tell() {
  while (const auto frame = reporter_.next_frame(publisher_.room(), publisher_.frame_bytes())) {
    for (const auto* observation : frame->observations) metrics_.told(*observation);
    publisher_.send(coded(*frame, domain_, now()));
  }
  for (const auto reason : reporter_.take_snapshots()) {
    metrics_.snapshot(reason);
    if (reason != SnapshotReason::kView)
      tools_.log.warning("presence_snapshot_again", {{"domain", domain_}, {"reason", label(reason)}});
  }
  show();
}

void PresenceLink::stored(const bus::ObservationsStoredFrame& answer) {
  using Status = bus::ObservationsStoredFrame::Status;
  if (answer.domain != domain_) return;
  crash_point("observation.confirmed");
  if (answer.status == Status::kStored) reporter_.stored(answer.epoch, answer.last_sequence);
  if (answer.status == Status::kGap) reporter_.missed(answer.epoch, answer.last_sequence);
  if (answer.status == Status::kStale && answer.epoch == reporter_.epoch())
    perform(lease_.lost("stale", now()));
  tell_soon();
  let_go_when_told();
}

// --- the end

void PresenceLink::stop() {
  if (std::exchange(stopping_, true)) return;
  reporter_.see(ViewLost{"stopping"}, now());
  tell();
  let_go_when_told();
}

/// Whoever takes over must find what we had to say.
void PresenceLink::let_go_when_told() {
  if (stopping_ && (reporter_.at_rest() || !publisher_.connected())) perform(lease_.stop());
}

void PresenceLink::close() {
  stopping_ = true;
  perform(lease_.stop());
}

// --- beside all that

/// Does what is due and sets the clock for what comes next.
void PresenceLink::pulse() {
  constexpr Milliseconds kLongest{1'000};
  const auto pause = std::chrono::ceil<Milliseconds>(lease_.next() - now());
  pulse_timer_.start(std::clamp(pause, Milliseconds{1}, kLongest), [this] { perform(lease_.tick(now())); });
}

/// A lease that was not renewed in time is nobody's word any more.
void PresenceLink::show() {
  metrics_.show(reporter_, !lease_.lapsed(now()));
}

void PresenceLink::look() {
  show();
  if (lease_.state() == LeaseHolder::State::kStandby && !lease_.owner().empty())
    return health_.good("standby: " + printable(lease_.owner(), 128) + " owns it");
  const auto why = trouble();
  why.empty() ? health_.good() : health_.bad(why);
}

std::string PresenceLink::trouble() const {
  if (!publisher_.connected()) return "presence is not connected: " + report_.trouble();
  switch (lease_.state()) {
    case LeaseHolder::State::kAway:
    case LeaseHolder::State::kAsking:
      return "presence has not answered the claim yet";
    case LeaseHolder::State::kStandby:
      return "presence does not serve " + domain_;
    case LeaseHolder::State::kOwner:
      break;
  }
  if (lease_.lapsed(now())) return "presence did not renew the lease in time";
  if (!session_->online()) return "the stream to the Jabber server does not stand";
  if (!unfit_because_.empty()) return unfit_because_;
  return reporter_.whole() ? std::string() : "not everybody who is online is known yet";
}

}  // namespace rostrum::gateway
