// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/gateway/core/observation.hpp"
#include "services/gateway/core/outbox.hpp"
#include "services/gateway/core/presence_table.hpp"
#include "services/gateway/core/sighting.hpp"

namespace rostrum::gateway {

struct ReporterLimits {
  std::size_t resources = 1'000'000;
  /// Changes that wait to be told. With more than that they are given up for a new snapshot, and what
  /// happened since the first of them is said to be unseen.
  std::size_t pending = 50'000;
  std::size_t in_flight = 8'192;  ///< told and not yet stored
};

/// Why a snapshot was begun.
enum class SnapshotReason {
  kView,      ///< our view of the domain became whole
  kGap,       ///< the presence service misses something
  kOverflow,  ///< too many changes waited
};
/// For metrics: `view`, …
[[nodiscard]] std::string_view label(SnapshotReason reason);

/// What the presence service has to be told, and when it may be told. Keeps the current presence of the
/// domain; tells all of it as a snapshot whenever a continuous story is not to be had, and otherwise every
/// change in its order, also those that came while nobody could be told: the history is as true as if there
/// had been no outage. Numbers are given when something is told, not before.
class Reporter {
 public:
  explicit Reporter(std::size_t domain_bytes, ReporterLimits limits = {})
      : limits_(limits), table_(limits.resources), outbox_(domain_bytes) {}

  /// We own the domain under this epoch, and go on behind `last_sequence`. Comes again, with the same epoch,
  /// in each new conversation. False: the service is not where it could be after what we told (its database
  /// was restored from a backup). Numbers of this epoch that are lost in between may be in another instance's
  /// hands still, and must not be given a second time: nothing can be told before another epoch.
  [[nodiscard]] bool own(std::uint64_t epoch, std::uint64_t last_sequence);
  /// We do not any more; everything is forgotten.
  void disown();
  /// Nothing can be told until own() comes again; nothing is forgotten.
  void link_lost() { may_tell_ = false; }

  /// What the source of presence tells, in its order.
  void see(const ViewBegan&, MonoTime now);
  void see(const ViewWhole&, MonoTime now);
  void see(const ViewLost& lost, MonoTime now);
  /// Why it changed nothing although it should have, if so.
  [[nodiscard]] std::optional<Distrust> see(const Came& came, MonoTime now);
  void see(const Went& went, MonoTime now);
  void see(const Vanished& vanished, MonoTime now);

  /// The next frame of at most so many observations and bytes; to be sent before anything else is called.
  [[nodiscard]] std::optional<ObservationFrame> next_frame(std::size_t most, std::size_t bytes);
  /// The answers to frames, one for each: all up to this number is stored; something behind it is missing.
  void stored(std::uint64_t epoch, std::uint64_t last_sequence);
  void missed(std::uint64_t epoch, std::uint64_t last_sequence);

  /// When the oldest of all that was seen happened that is not known to be stored; kUnknownMoment: there is
  /// none.
  [[nodiscard]] MonoTime behind_since() const;

  [[nodiscard]] const PresenceTable& table() const { return table_; }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }  ///< 0: not the owner
  [[nodiscard]] std::size_t pending() const { return queue_.size(); }
  [[nodiscard]] std::size_t unconfirmed() const { return outbox_.unconfirmed(); }
  /// We see the domain, and the snapshot that says so has been told.
  [[nodiscard]] bool whole() const { return view_ == View::kWhole && epoch_ > 0 && !snapshot_open_; }
  /// All that is to be told is stored.
  [[nodiscard]] bool at_rest() const { return queue_.empty() && !paging_ && unconfirmed() == 0; }
  /// Snapshots that were begun since the last call.
  [[nodiscard]] std::vector<SnapshotReason> take_snapshots() { return std::exchange(snapshots_, {}); }

 private:
  enum class View { kLost, kBeingNamed, kWhole };

  void change(Observation observation);
  void overflow();
  void mark(Observation observation);
  void begin_snapshot(SnapshotReason reason);
  void begin_again(SnapshotReason reason, std::string_view why_lost);
  void withdraw_snapshot();
  void forget_queue();
  [[nodiscard]] bool tell_next();
  [[nodiscard]] Observation take_front();
  void answered();

  ReporterLimits limits_;
  PresenceTable table_;
  Outbox outbox_;

  std::uint64_t epoch_ = 0;
  bool may_tell_ = false;                       // in this conversation
  std::size_t frames_out_ = 0;                  // of this conversation, without an answer
  std::optional<std::uint64_t> missing_after_;  // go on behind it when all frames have their answer
  MonoTime unseen_since_ = kUnknownMoment;      // what the service misses, as long as nobody told it so

  View view_ = View::kLost;
  bool believed_seen_ = false;         // what was told or waits says that we see the domain, or will
  bool snapshot_open_ = false;         // its begin waits or was told, its end was not
  bool paging_ = false;                // its begin was told
  std::optional<ResourceName> paged_;  // the last of the table that was told

  std::deque<Observation> queue_;  // not yet numbered
  std::vector<SnapshotReason> snapshots_;
};

}  // namespace rostrum::gateway
