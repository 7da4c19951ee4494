// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/uuid.hpp"
#include "common/bus/event_intake.hpp"
#include "common/intake/domain.hpp"

namespace rostrum::intake {

/// What makes an event the same event: who published it, its id; and what tells another content under the
/// same id.
struct Identity {
  EventId id;
  std::string source;
  std::string digest;  ///< 16 bytes
};

/// What became of one event.
struct Verdict {
  enum class Status { kAccepted, kDuplicate, kRejected } status = Status::kAccepted;
  std::optional<Rejection> rejection;  ///< for kRejected

  static Verdict accepted() { return {}; }
  static Verdict duplicate() { return {Status::kDuplicate, std::nullopt}; }
  static Verdict rejected(Rejection why) { return {Status::kRejected, std::move(why)}; }
};

/// What its publisher hears of it.
[[nodiscard]] bus::EventIntake::Conclusion conclusion_of(const bus::ReceivedEvent& event, Verdict verdict);

/// For each event the index of the first one with the same source and id: its own, unless it is a repeat
/// within these.
[[nodiscard]] std::vector<std::size_t> find_firsts(std::span<const Identity> events);

/// The verdict of a repeat within one transaction, from the first one's: a duplicate of what was taken,
/// rejected like what was rejected, and re-used where the content differs.
[[nodiscard]] Verdict verdict_of_repeat(const Identity& repeat, const Identity& first,
                                        const Verdict& verdict_of_first);

/// The id was used before with other content.
[[nodiscard]] Rejection id_reused();

}  // namespace rostrum::intake
