// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/presence_gateway.hpp"

#include <algorithm>
#include <utility>

#include "services/gateway/adapters/observation_message.hpp"

namespace rostrum::simulation {

namespace {

using gateway::LeaseHolder;

constexpr gateway::ReporterLimits kLimits{.resources = 100, .pending = 8, .in_flight = 8};
constexpr std::size_t kFrameBytes = 10'000;

}  // namespace

void Owners::owns(const PresenceGateway& gateway, std::uint64_t epoch) {
  const auto& first = owner_of_.emplace(epoch, gateway.life()).first->second;
  promise(first == gateway.life(), "one owner per epoch, but ", gateway.name(), " has epoch ", epoch,
          " of another");
  promise(epoch == owner_of_.rbegin()->first, "epochs never go back, but ", gateway.name(), " owns ", epoch,
          " after ", owner_of_.rbegin()->first);
  for (const auto* other : living_) {
    promise(other == &gateway || !other->owns_in_time(), "one owner at a time, but ", gateway.name(),
            " owns the domain while ", other->name(), " does");
  }
}

const PresenceGateway* Owners::owner() const {
  const auto found = std::find_if(living_.begin(), living_.end(),
                                  [](const PresenceGateway* one) { return one->owns_in_time(); });
  return found == living_.end() ? nullptr : *found;
}

PresenceGateway::PresenceGateway(World& world, Network& network, std::string name, const bus::PublicKey& own,
                                 std::vector<std::string> services, PresenceDomain& domain, Owners& owners)
    : world_(world),
      name_(std::move(name)),
      domain_(domain),
      owners_(owners),
      token_of_life_(Uuid::make_v4(world.random())),
      lease_(world.random()),
      reporter_(std::string_view(PresenceDomain::kName).size(), kLimits),
      side_(world, network, name_, own, bus::LinkKind::kObservation, std::move(services),
            {.on_begun = [this](const bus::WelcomeFrame& welcome) { begun(welcome); },
             .on_ended = [this] { ended(); },
             .on_frame = [this](const bus::Frame& frame) { receive(frame); }}) {
  owners_.add(this);
}

PresenceGateway::~PresenceGateway() {
  owners_.remove(this);
  domain_.unwatch(static_cast<std::int64_t>(reporter_.epoch()));
}

// --- the link

void PresenceGateway::begun(const bus::WelcomeFrame& welcome) {
  terms_.emplace(Terms{std::max<std::size_t>(1, welcome.max_batch), {}});
  terms_->purse.begin(welcome.credit);
  perform(lease_.begun(world_.now()));
}

void PresenceGateway::ended() {
  terms_.reset();
  lease_.ended();
  reporter_.link_lost();
  let_go_when_told();
}

void PresenceGateway::receive(const bus::Frame& frame) {
  if (const auto* answer = std::get_if<bus::LeaseAnswerFrame>(&frame)) answered(*answer);
  if (const auto* answer = std::get_if<bus::ObservationsStoredFrame>(&frame)) stored(*answer);
  if (const auto* credit = std::get_if<bus::CreditFrame>(&frame); credit != nullptr && terms_)
    terms_->purse.hear(credit->credit, credit->paused);
  tell_soon();
}

void PresenceGateway::answered(const bus::LeaseAnswerFrame& answer) {
  perform(lease_.answered({answer.number, answer.granted, answer.epoch, answer.last_sequence,
                           Milliseconds(answer.valid_ms), answer.owner},
                          world_.now()));
  let_go_when_told();
}

void PresenceGateway::stored(const bus::ObservationsStoredFrame& answer) {
  using Status = bus::ObservationsStoredFrame::Status;
  if (answer.status == Status::kStored) reporter_.stored(answer.epoch, answer.last_sequence);
  if (answer.status == Status::kGap) {
    world_.count("gaps heard of");
    reporter_.missed(answer.epoch, answer.last_sequence);
  }
  if (answer.status == Status::kStale && answer.epoch == reporter_.epoch())
    perform(lease_.lost("stale", world_.now()));
  let_go_when_told();
}

// --- the lease

void PresenceGateway::perform(const LeaseHolder::Effects& effects) {
  for (const auto& effect : effects) std::visit([this](const auto& one) { perform_one(one); }, effect);
  if (lease_.owns()) {
    if (owns_in_time()) owners_.owns(*this, reporter_.epoch());
    if (lease_.lapsed(world_.now())) world_.count("leases lapsed");
  }
  pulse();
}

void PresenceGateway::perform_one(const LeaseHolder::SendClaim& effect) {
  if (!terms_) return;
  side_.send(bus::LeaseClaimFrame{PresenceDomain::kName, effect.token, effect.number,
                                  gateway::age_ms(reporter_.behind_since(), world_.now())});
}

void PresenceGateway::perform_one(const LeaseHolder::SendRelease& effect) {
  world_.count("leases given back");
  if (terms_) side_.send(bus::LeaseReleaseFrame{PresenceDomain::kName, effect.epoch});
}

void PresenceGateway::perform_one(const LeaseHolder::Own& effect) {
  const bool is_new = effect.epoch != reporter_.epoch();
  if (!reporter_.own(effect.epoch, effect.last_sequence))
    return perform(lease_.begin_anew("lost-place", world_.now()));
  tell_soon();
  if (!is_new) return;
  world_.say(name_, " owns the domain under epoch ", effect.epoch);
  world_.count("epochs begun");
  watch_soon(world_.between(5, 100));
}

void PresenceGateway::perform_one(const LeaseHolder::Disown& effect) {
  world_.say(name_, " owns the domain no more: ", effect.reason);
  domain_.unwatch(static_cast<std::int64_t>(reporter_.epoch()));
  reporter_.disown();
}

/// The presence session's part: a stream that stands after a while, and comes back.
void PresenceGateway::watch_soon(Milliseconds pause) {
  world_.after(pause, life_.guard([this, epoch = reporter_.epoch()] {
    if (epoch == 0 || epoch != reporter_.epoch() || stopping_) return;
    if (!domain_.is_reached_by(name_)) return watch_soon(world_.between(50, 1'000));
    domain_.watch(static_cast<std::int64_t>(epoch), life_.guard([this, epoch](const gateway::Sighting& seen) {
      if (epoch == reporter_.epoch()) see(seen);
    }));
  }));
}

// --- what is seen and told

void PresenceGateway::see(const gateway::Sighting& seen) {
  if (stopping_) return;
  const auto now = world_.now();
  if (const auto* began = std::get_if<gateway::ViewBegan>(&seen)) reporter_.see(*began, now);
  if (const auto* whole = std::get_if<gateway::ViewWhole>(&seen)) reporter_.see(*whole, now);
  if (const auto* came = std::get_if<gateway::Came>(&seen)) std::ignore = reporter_.see(*came, now);
  if (const auto* went = std::get_if<gateway::Went>(&seen)) reporter_.see(*went, now);
  if (const auto* lost = std::get_if<gateway::ViewLost>(&seen)) {
    reporter_.see(*lost, now);
    watch_soon(world_.between(50, 1'000));
  }
  if (const auto* superseded = std::get_if<gateway::Superseded>(&seen)) {
    reporter_.see(gateway::ViewLost{superseded->reason}, now);
    tell();
    perform(lease_.lost(superseded->reason, now));
  }
  tell_soon();
}

void PresenceGateway::tell_soon() {
  if (std::exchange(telling_, true)) return;
  world_.after(Milliseconds(0), life_.guard([this] {
    telling_ = false;
    tell();
  }));
}

void PresenceGateway::tell() {
  const auto room = [this] {
    return terms_ ? std::min<std::size_t>(terms_->max_batch, terms_->purse.left().items) : 0;
  };
  while (const auto frame = reporter_.next_frame(room(), kFrameBytes)) {
    if (frame->epoch == epoch_told_ && frame->first_sequence <= last_told_)
      world_.count("observations told again");
    epoch_told_ = frame->epoch;
    last_told_ = frame->first_sequence + frame->observations.size() - 1;
    auto coded = gateway::coded(*frame, PresenceDomain::kName, world_.now());
    ROSTRUM_INVARIANT(terms_->purse.spend(bus::load_of(coded)));
    side_.send(std::move(coded));
  }
  for (const auto reason : reporter_.take_snapshots()) {
    if (reason == gateway::SnapshotReason::kOverflow) world_.count("overflows");
    if (reason == gateway::SnapshotReason::kGap) world_.count("snapshots after a gap");
  }
}

// --- the end

void PresenceGateway::stop() {
  if (std::exchange(stopping_, true)) return;
  world_.say(name_, " is told to stop");
  reporter_.see(gateway::ViewLost{"stopping"}, world_.now());
  tell();
  let_go_when_told();
}

void PresenceGateway::let_go_when_told() {
  if (stopping_ && (reporter_.at_rest() || !terms_)) perform(lease_.stop());
}

/// One look at a time is on its way; it sets the next one.
void PresenceGateway::pulse() {
  const auto at = std::max(lease_.next(), world_.now() + Milliseconds(1));
  if (lease_.next() == MonoTime::max() || pulsing_ <= at) return;
  pulsing_ = at;
  world_.after(std::chrono::ceil<Milliseconds>(at - world_.now()), life_.guard([this, at] {
    if (pulsing_ != at) return;
    pulsing_ = MonoTime::max();
    perform(lease_.tick(world_.now()));
  }));
}

}  // namespace rostrum::simulation
