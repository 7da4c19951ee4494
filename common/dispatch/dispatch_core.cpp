// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/dispatch/dispatch_core.hpp"

#include <algorithm>
#include <utility>

#include "common/base/result.hpp"

namespace rostrum::dispatch {

std::size_t DispatchCore::begin_claim(MonoTime now, std::size_t credit) {
  if (draining_ || asked_ != 0 || now < paused_until_) return 0;
  if (!kicked_ && now < next_look_) return 0;
  // What is finished still needs its settlement: claiming ahead of it without limit would only lengthen the
  // holds.
  const std::size_t busy = open_ + finished_ + settling_;
  const std::size_t room = std::min(credit, limits_.most_open - std::min(busy, limits_.most_open));
  // Results come one by one; waiting until half of the room is free makes claims of many instead of claims of
  // one.
  if (room < std::min(open_, limits_.claim_batch)) return 0;
  asked_ = std::min(room, limits_.claim_batch);
  if (asked_ != 0) kicked_ = false;
  return asked_;
}

void DispatchCore::claimed(MonoTime now, std::size_t count) {
  ROSTRUM_INVARIANT(asked_ != 0 && count <= asked_);
  if (count == asked_) kicked_ = true;  // there may be more; a kick during the claim stands anyway
  asked_ = 0;
  open_ += count;
  next_look_ = now + limits_.poll;
}

void DispatchCore::finished(MonoTime now, Ending ending) {
  ROSTRUM_INVARIANT(open_ != 0);
  --open_;
  ++finished_;
  if (ending == Ending::kReached) {
    refusals_ = 0;
    paused_until_ = {};
    return;
  }
  if (now < paused_until_) return;  // one refusal among many of the same moment
  paused_until_ = now + limits_.pause.delay(++refusals_, random_);
  kicked_ = true;  // what was refused is to be done after the pause
}

std::size_t DispatchCore::begin_settle() {
  if (settling_ != 0) return 0;
  settling_ = std::exchange(finished_, 0);
  return settling_;
}

void DispatchCore::settled() {
  settling_ = 0;
  kicked_ = true;  // work may have had to wait for it: another piece for the same member
}

}  // namespace rostrum::dispatch
