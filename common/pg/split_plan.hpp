// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace rostrum::pg {

/// In which parts a batch of events, observations or results is committed: whole, and when a part is refused
/// for good in halves (or more parts), until the culprit stands alone. The parts come in order, so that what
/// is about one subject keeps its own.
class SplitPlan {
 public:
  struct Part {
    std::size_t begin;
    std::size_t end;
    [[nodiscard]] std::size_t size() const { return end - begin; }
    bool operator==(const Part&) const = default;
  };
  SplitPlan() = default;
  explicit SplitPlan(std::size_t size) {
    if (size != 0) parts_.push_back({0, size});
  }

  /// The part to commit now; nothing when all is done.
  [[nodiscard]] std::optional<Part> next() const {
    return parts_.empty() ? std::nullopt : std::optional(parts_.back());
  }
  /// It is committed, or its one item was given up.
  void done() { parts_.pop_back(); }
  /// It was refused for good. True: its parts come next, so many or as many as it has items. False: it is a
  /// single item, the culprit.
  [[nodiscard]] bool split(std::size_t ways = 2) {
    const Part part = parts_.back();
    if (part.size() == 1) return false;
    parts_.pop_back();
    const std::size_t count = std::min(ways, part.size());
    for (std::size_t i = count; i-- > 0;)
      parts_.push_back({part.begin + part.size() * i / count, part.begin + part.size() * (i + 1) / count});
    return true;
  }

 private:
  std::vector<Part> parts_;  // the next one last
};

}  // namespace rostrum::pg
