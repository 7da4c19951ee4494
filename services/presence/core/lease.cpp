// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/lease.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::presence {

std::optional<Coverage> end_coverage(Lease& lease, WallTime at, std::string reason) {
  if (!lease.whole()) return std::nullopt;
  const auto began_at = *lease.whole_since;
  lease.covered_until = std::max(at, began_at);
  lease.whole_since.reset();
  return Coverage{lease.mark(), began_at, lease.covered_until, std::move(reason)};
}

Decision decide(const Claim& claim, const std::optional<Lease>& lease, WallTime now, WallTime arrived,
                Milliseconds length) {
  using Outcome = Decision::Outcome;
  const auto valid_until = arrived + length;
  if (valid_until <= now) return {Outcome::kTooLate, lease};
  if (lease && lease->token == claim.token) {
    auto renewed = *lease;
    renewed.owner = claim.owner;
    renewed.heard_at = std::max(renewed.heard_at, arrived - claim.behind);
    renewed.valid_until = std::max(renewed.valid_until, valid_until);
    return {Outcome::kRenewed, std::move(renewed), length};
  }
  if (lease && lease->valid_until > now) return {Outcome::kRefused, lease, lease->valid_until - now};

  Lease fresh{.owner = claim.owner, .token = claim.token, .valid_until = valid_until, .heard_at = arrived};
  if (!lease) return {Outcome::kGranted, std::move(fresh), length};
  auto former = *lease;
  auto closed = end_coverage(former, former.heard_at, "gateway-lost");
  fresh.epoch = former.epoch + 1;
  fresh.covered_until = former.covered_until;
  fresh.last_change = former.last_change;
  return {Outcome::kGranted, std::move(fresh), length, std::move(closed)};
}

std::optional<Lease> give_back(const Lease& lease, std::int64_t epoch, WallTime now) {
  if (lease.epoch != epoch) return std::nullopt;
  auto free = lease;
  free.token = Uuid();  // a renewal that was under way does not bring it back
  free.valid_until = std::min(free.valid_until, now);
  return free;
}

}  // namespace rostrum::presence
