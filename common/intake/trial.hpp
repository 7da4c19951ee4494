// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>

#include "common/intake/batch.hpp"

namespace rostrum::intake {

/// Whether an event is at fault that fails, alone, where the database is damaged. It is when another event,
/// the witness, is accepted each time after it failed, three times in a row. While the witness fails too, the
/// damage meets all. Pure.
class Trial {
 public:
  enum class Verdict { kOpen, kGuilty };
  enum class Witness {
    kAccepted,
    kRejected,  ///< writes nothing, and so proves nothing
    kFailed,
  };

  [[nodiscard]] std::size_t rehearsals() const { return rehearsals_; }

  /// After the event failed once more: what became of the witness.
  [[nodiscard]] Verdict rehearsed(Witness witness) {
    ++rehearsals_;
    if (witness == Witness::kAccepted) ++in_a_row_;
    if (witness == Witness::kFailed) in_a_row_ = 0;
    return in_a_row_ == kEnough ? Verdict::kGuilty : Verdict::kOpen;
  }

 private:
  static constexpr unsigned kEnough = 3;
  std::size_t rehearsals_ = 0;
  unsigned in_a_row_ = 0;
};

/// A witness against the event at `accused` of a batch: one of the same type, which writes to the same
/// tables, and that waits for its turn, so that nothing of it has been written yet: behind it, or in the
/// batch that is `next` (null: none). Done under an id that nobody has used. `nth`: another one each time.
/// Nothing: none waits.
[[nodiscard]] std::optional<Batch> find_witness(const Batch& batch, std::size_t accused, const Batch* next,
                                                std::size_t nth, EventId id);

}  // namespace rostrum::intake
