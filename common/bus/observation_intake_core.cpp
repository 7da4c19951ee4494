// SPDX-License-Identifier: Apache-2.0
#include "common/bus/observation_intake_core.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "common/bus/message_types.hpp"

namespace rostrum::bus {

namespace {

using Claim = ObservationIntake::Claim;
using Batch = ObservationIntake::Batch;
using Release = ObservationIntake::Release;

constexpr std::size_t kMaxDomainBytes = 1'023;  // RFC 6122 §2.2
constexpr std::size_t kTokenBytes = 16;
constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::int64_t>::max();  // a database's bigint

std::optional<std::string> fault_of_domain(const std::string& domain) {
  if (domain.empty() || domain.size() > kMaxDomainBytes) return "domain must have 1 to 1,023 bytes";
  return std::nullopt;
}
std::optional<std::string> fault_of_epoch(std::uint64_t epoch) {
  if (epoch == 0 || epoch > kMaxNumber) return "epoch must be 1 to 2^63-1";
  return std::nullopt;
}

/// What no gateway in its right mind says; nothing if it can be handed on.
struct FaultOf {
  std::optional<std::string> operator()(const LeaseClaimFrame& claim) const {
    if (claim.token.size() != kTokenBytes) return "token must be 16 bytes";
    return fault_of_domain(claim.domain);
  }
  std::optional<std::string> operator()(const LeaseReleaseFrame& release) const {
    if (auto fault = fault_of_epoch(release.epoch)) return fault;
    return fault_of_domain(release.domain);
  }
  std::optional<std::string> operator()(const ObservationsFrame& seen) const {
    if (seen.observations.empty()) return "an Observations frame without observations";
    if (seen.first_sequence == 0 || seen.first_sequence > kMaxNumber - (seen.observations.size() - 1))
      return "first_sequence must be at least 1, and the last number at most 2^63-1";
    if (auto fault = fault_of_epoch(seen.epoch)) return fault;
    return fault_of_domain(seen.domain);
  }
  template <class Other>
  std::optional<std::string> operator()(const Other&) const {
    return std::nullopt;  // the peer table has refused it
  }
};

Load load_of_seen(const Frame& frame) {
  const auto* seen = std::get_if<ObservationsFrame>(&frame);
  return seen == nullptr ? Load{} : load_of(*seen);
}

}  // namespace

ObservationIntakeCore::ObservationIntakeCore(LinkLimits limits, std::string instance)
    : limits_(limits), peers_(LinkKind::kObservation, limits, std::move(instance)) {}

ObservationIntakeEffects ObservationIntakeCore::receive(const IncomingMessage& message,
                                                        const AuthorizedKeys& keys, MonoTime now) {
  ObservationIntakeEffects effects;
  auto work = peers_.receive(message, keys, effects.peers);
  forget_ended(effects.peers);
  if (!work) return effects;
  const auto refuse = [&](RefusalCode code, std::string text) {
    peers_.refuse(work->token, code, std::move(text), effects.peers);
    peers_.write_off(work->token, load_of_seen(work->frame), effects.peers);
    return effects;
  };
  if (!work->sender.may_send(kPresenceObserved))
    return refuse(RefusalCode::kNotAuthorized, "key '" + work->name +
                                                   "' may not tell presence; if it should: add '" +
                                                   kPresenceObserved + "' to its allow line");
  if (auto fault = std::visit(FaultOf{}, work->frame))
    return refuse(RefusalCode::kMalformedFrame, std::move(*fault));
  const bool was_empty = empty();
  gather(std::move(*work), now);
  effects.gathered = was_empty;
  return effects;
}

void ObservationIntakeCore::gather(PeerTable::Work work, MonoTime now) {
  const auto token = work.token;
  const auto& name = work.sender.name;
  if (auto* claim = std::get_if<LeaseClaimFrame>(&work.frame)) {
    Conversation key{token.value, claim->domain};
    claims_.insert_or_assign(std::move(key), Claim{token, name, std::move(*claim), now});
  } else if (auto* release = std::get_if<LeaseReleaseFrame>(&work.frame)) {
    Conversation key{token.value, release->domain};
    releases_.insert_or_assign(std::move(key), Release{token, name, std::move(*release)});
  } else if (auto* seen = std::get_if<ObservationsFrame>(&work.frame)) {
    const auto load = load_of(*seen);
    observations_ += load.items;
    bytes_ += load.bytes;
    batches_.push_back({token, name, std::move(*seen), now});
  }
}

ObservationIntake::Gathered ObservationIntakeCore::take(std::size_t max_observations, std::size_t max_bytes) {
  ObservationIntake::Gathered gathered;
  for (auto& [conversation, claim] : claims_) gathered.claims.push_back(std::move(claim));
  claims_.clear();
  gathered.batches = take_batches(max_observations, max_bytes);
  gathered.releases = take_releases();
  return gathered;
}

std::vector<Batch> ObservationIntakeCore::take_batches(std::size_t max_observations, std::size_t max_bytes) {
  std::vector<Batch> batches;
  if (max_observations == 0 || max_bytes == 0) return batches;
  Load sum;
  while (!batches_.empty()) {
    auto& oldest = batches_.front();
    const auto load = load_of(oldest.frame);
    if (!batches.empty() && !(sum + load).fits({max_observations, max_bytes})) break;
    sum += load;
    taken_bytes_.add(oldest.peer, load.bytes);
    batches.push_back(std::move(oldest));
    batches_.pop_front();
  }
  observations_ -= sum.items;
  bytes_ -= sum.bytes;
  taken_ += sum.items;
  return batches;
}

// What a gateway saw before it gave the lease back is still told under that lease.
std::vector<Release> ObservationIntakeCore::take_releases() {
  std::set<std::uint64_t> busy;
  for (const auto& batch : batches_) busy.insert(batch.peer.value);
  std::vector<Release> due;
  std::erase_if(releases_, [&](auto& entry) {
    if (busy.contains(entry.first.first)) return false;
    due.push_back(std::move(entry.second));
    return true;
  });
  return due;
}

ObservationIntakeEffects ObservationIntakeCore::answer(PeerToken peer, const LeaseAnswerFrame& answer) {
  ObservationIntakeEffects effects;
  peers_.answer(peer, answer, {}, effects.peers);
  return effects;
}

ObservationIntakeEffects ObservationIntakeCore::conclude(PeerToken peer,
                                                         const ObservationsStoredFrame& stored,
                                                         std::size_t count) {
  ROSTRUM_INVARIANT(count <= taken_);
  taken_ -= count;
  ObservationIntakeEffects effects;
  peers_.answer(peer, stored, {count, taken_bytes_.release(peer)}, effects.peers);
  return effects;
}

ObservationIntakeEffects ObservationIntakeCore::drop(const std::string& route) {
  ObservationIntakeEffects effects;
  peers_.drop(route, effects.peers);
  forget_ended(effects.peers);
  return effects;
}

ObservationIntakeEffects ObservationIntakeCore::greet_all(const AuthorizedKeys& keys) {
  ObservationIntakeEffects effects;
  peers_.greet_all(keys, effects.peers);
  forget_ended(effects.peers);
  return effects;
}

ObservationIntakeEffects ObservationIntakeCore::set_open(bool open) {
  ObservationIntakeEffects effects;
  peers_.set_open(open, effects.peers);
  return effects;
}

ObservationIntakeEffects ObservationIntakeCore::set_budget(const Load& budget) {
  ObservationIntakeEffects effects;
  peers_.set_budget(budget, effects.peers);
  return effects;
}

// Nobody waits for these answers: the peer sends again what is not stored. A release stands, for it is not
// answered, and who said it may be gone for good.
void ObservationIntakeCore::forget_ended(const PeerEffects& effects) {
  for (const auto token : effects.ended) {
    std::erase_if(claims_, [&](const auto& entry) { return entry.first.first == token.value; });
    std::erase_if(batches_, [&](const Batch& batch) {
      if (batch.peer.value != token.value) return false;
      const auto load = load_of(batch.frame);
      observations_ -= load.items;
      bytes_ -= load.bytes;
      return true;
    });
  }
}

}  // namespace rostrum::bus
