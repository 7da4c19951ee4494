// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "common/base/result.hpp"
#include "common/bus/link.hpp"

namespace rostrum::bus {

/// The bytes of what the owner of an intake has taken and not concluded yet. Who concludes names the
/// conversation alone: of one conversation what was taken first is taken to be concluded first; in another
/// order the sum is right all the same.
class TakenBytes {
 public:
  void add(PeerToken from, std::size_t bytes) {
    by_conversation_[from.value].push_back(bytes);
    sum_ += bytes;
  }
  /// The bytes of the oldest one.
  [[nodiscard]] std::size_t release(PeerToken from) {
    const auto found = by_conversation_.find(from.value);
    ROSTRUM_INVARIANT(found != by_conversation_.end());
    const auto bytes = found->second.front();
    found->second.pop_front();
    if (found->second.empty()) by_conversation_.erase(found);
    sum_ -= bytes;
    return bytes;
  }
  [[nodiscard]] std::size_t sum() const { return sum_; }

 private:
  std::unordered_map<std::uint64_t, std::deque<std::size_t>> by_conversation_;
  std::size_t sum_ = 0;
};

}  // namespace rostrum::bus
