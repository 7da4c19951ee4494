// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace rostrum::pg {

/// In which parts a batch of events, observations or results is committed: whole, and when a part is refused
/// for good in halves, until the culprit stands alone. The parts come in order, so that what is about one
/// subject keeps its own.
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
  /// It was refused for good. True: its halves come next. False: it is a single item, the culprit.
  [[nodiscard]] bool split() {
    const Part part = parts_.back();
    if (part.size() == 1) return false;
    const std::size_t middle = part.begin + part.size() / 2;
    parts_.back() = {middle, part.end};
    parts_.push_back({part.begin, middle});
    return true;
  }

 private:
  std::vector<Part> parts_;  // the next one last
};

}  // namespace rostrum::pg
