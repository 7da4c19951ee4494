// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/reporter.hpp"

#include <algorithm>

namespace rostrum::gateway {
namespace {

template <class What>
bool is(const Observation& observation) {
  return std::holds_alternative<What>(observation.what);
}

}  // namespace

bool Reporter::own(std::uint64_t epoch, std::uint64_t last_sequence) {
  frames_out_ = 0;
  missing_after_.reset();
  if (epoch == epoch_) {
    may_tell_ = outbox_.resume(last_sequence);
    return may_tell_;
  }
  may_tell_ = true;
  epoch_ = epoch;
  believed_seen_ = false;
  outbox_.start_over(last_sequence);
  unseen_since_ = kUnknownMoment;
  begin_again(SnapshotReason::kGap, "gap");
  return true;
}

void Reporter::disown() {
  epoch_ = 0;
  may_tell_ = false;
  view_ = View::kLost;
  table_.clear();
  unseen_since_ = kUnknownMoment;
  outbox_.start_over(0);
  forget_queue();
}

void Reporter::see(const ViewBegan&, MonoTime) {
  view_ = View::kBeingNamed;
  table_.begin_naming();
}

void Reporter::see(const ViewWhole&, MonoTime) {
  table_.end_naming();
  view_ = View::kWhole;
  if (epoch_ > 0) begin_snapshot(SnapshotReason::kView);
}

void Reporter::see(const ViewLost& lost, MonoTime now) {
  view_ = View::kLost;
  withdraw_snapshot();
  if (std::exchange(believed_seen_, false)) mark({Observation::ViewLost{lost.reason}, now});
}

std::optional<Distrust> Reporter::see(const Came& came, MonoTime) {
  // Stamps (XEP-0203) are cut to the second.
  constexpr std::chrono::seconds kStampUnit{1};
  if (came.copy) {
    const auto* known = table_.find(came.name);
    if (known != nullptr && known->since != kUnknownMoment && came.since + kStampUnit <= known->since)
      return Distrust::kDelayed;
  }
  switch (table_.came(came.name, came.state, came.since)) {
    case PresenceTable::Came::kFull:
      return Distrust::kTooMany;
    case PresenceTable::Came::kSame:
      return std::nullopt;
    case PresenceTable::Came::kNew:
    case PresenceTable::Came::kChanged:
      change({Observation::Available{came.name, came.state}, came.since});
      return std::nullopt;
  }
  fail_invariant("a PresenceTable::Came without a meaning", __FILE__, __LINE__);
}

void Reporter::see(const Went& went, MonoTime now) {
  if (table_.went(went.name)) change({Observation::Unavailable{went.name, went.how}, now});
}

void Reporter::see(const Vanished& vanished, MonoTime now) {
  for (const auto& name : table_.resources_of(vanished.localpart)) see(Went{name, Departure::kDropped}, now);
}

/// While nobody believes that we see the domain a change says nothing: the next snapshot has it.
void Reporter::change(Observation observation) {
  if (view_ != View::kWhole || epoch_ == 0) return;
  queue_.push_back(std::move(observation));
  if (queue_.size() > limits_.pending) overflow();
}

/// What waits is given up; that nobody saw it since the first of it is said.
void Reporter::overflow() {
  const auto first = std::find_if(queue_.begin(), queue_.end(),
                                  [](const auto& one) { return one.happened != kUnknownMoment; });
  const auto lost_at = first == queue_.end() ? kUnknownMoment : first->happened;
  forget_queue();
  if (std::exchange(believed_seen_, false)) mark({Observation::ViewLost{"overflow"}, lost_at});
  begin_snapshot(SnapshotReason::kOverflow);
}

void Reporter::mark(Observation observation) {
  const bool is_repeat =
      is<Observation::ViewLost>(observation) && !queue_.empty() && is<Observation::ViewLost>(queue_.back());
  if (is_repeat) return;
  queue_.push_back(std::move(observation));
}

void Reporter::begin_snapshot(SnapshotReason reason) {
  withdraw_snapshot();
  snapshot_open_ = true;
  believed_seen_ = true;
  mark({Observation::SnapshotBegan{}, kUnknownMoment});
  snapshots_.push_back(reason);
}

/// What waits is of no use any more.
void Reporter::begin_again(SnapshotReason reason, std::string_view why_lost) {
  forget_queue();
  if (view_ == View::kWhole) return begin_snapshot(reason);
  if (std::exchange(believed_seen_, false))
    mark({Observation::ViewLost{std::string(why_lost)}, kUnknownMoment});
}

/// A snapshot whose begin was not told yet leaves no trace; one whose begin was told never ends.
void Reporter::withdraw_snapshot() {
  if (snapshot_open_ && !paging_) {
    queue_.erase(std::find_if(queue_.begin(), queue_.end(), is<Observation::SnapshotBegan>), queue_.end());
  }
  snapshot_open_ = false;
  paging_ = false;
}

void Reporter::forget_queue() {
  queue_.clear();
  snapshot_open_ = false;
  paging_ = false;
}

std::optional<ObservationFrame> Reporter::next_frame(std::size_t most, std::size_t bytes) {
  if (!may_tell_ || missing_after_) return std::nullopt;
  while (outbox_.unsent() < most && outbox_.unconfirmed() < limits_.in_flight && tell_next()) {
  }
  auto page = outbox_.next(most, bytes);
  if (page.observations.empty()) return std::nullopt;
  ++frames_out_;
  return ObservationFrame{epoch_, page.first_sequence, std::move(page.observations)};
}

/// Gives the next thing its number: what happened first, then more of the snapshot.
bool Reporter::tell_next() {
  if (!queue_.empty()) {
    outbox_.append(take_front());
    return true;
  }
  if (!paging_) return false;
  if (const auto* next = table_.next_after(paged_)) {
    paged_ = next->first;
    outbox_.append_known({Observation::Available{next->first, next->second.state()}, next->second.since});
    return true;
  }
  paging_ = false;
  snapshot_open_ = false;
  outbox_.append({Observation::SnapshotEnded{}, kUnknownMoment});
  return true;
}

Observation Reporter::take_front() {
  auto front = std::move(queue_.front());
  queue_.pop_front();
  if (is<Observation::SnapshotBegan>(front)) {
    paging_ = true;
    paged_.reset();
  }
  // Whichever of the two is told first says since when something is missing.
  if (is<Observation::SnapshotBegan>(front) || is<Observation::ViewLost>(front))
    front.happened = earlier(front.happened, std::exchange(unseen_since_, kUnknownMoment));
  return front;
}

void Reporter::stored(std::uint64_t epoch, std::uint64_t last_sequence) {
  if (epoch != epoch_) return;
  if (!missing_after_ && !outbox_.confirm(last_sequence)) missing_after_ = last_sequence;
  answered();
}

void Reporter::missed(std::uint64_t epoch, std::uint64_t last_sequence) {
  if (epoch != epoch_) return;
  missing_after_ = last_sequence;
  answered();
}

/// Only when nothing is on its way may numbers be given a second time.
void Reporter::answered() {
  if (frames_out_ > 0) --frames_out_;
  if (!missing_after_ || frames_out_ > 0) return;
  unseen_since_ = behind_since();
  outbox_.start_over(*std::exchange(missing_after_, std::nullopt));
  begin_again(SnapshotReason::kGap, "gap");
}

MonoTime Reporter::behind_since() const {
  auto oldest = earlier(unseen_since_, outbox_.oldest());
  for (const auto& one : queue_) oldest = earlier(oldest, one.happened);
  return oldest;
}

std::string_view label(SnapshotReason reason) {
  switch (reason) {
    case SnapshotReason::kView:
      return "view";
    case SnapshotReason::kGap:
      return "gap";
    case SnapshotReason::kOverflow:
      return "overflow";
  }
  fail_invariant("a SnapshotReason without a label", __FILE__, __LINE__);
}

}  // namespace rostrum::gateway
