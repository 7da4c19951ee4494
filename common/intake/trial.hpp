// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace rostrum::intake {

/// Whether an event is at fault that fails, alone, by what may as well be the fault of the database: a
/// time-out, damage. It is when another event, the witness, is accepted each time after it failed, three
/// times in a row. While the witness fails too, it is the database. Pure.
class Trial {
 public:
  enum class Verdict { kOpen, kGuilty };
  enum class Witness {
    kAccepted,
    kRejected,  ///< writes nothing, and so proves nothing
    kFailed,
  };

  /// Before the first rehearsal.
  [[nodiscard]] bool begins() const { return rehearsals_ == 0; }
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

}  // namespace rostrum::intake
