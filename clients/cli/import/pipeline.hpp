// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "rostrum/publisher.hpp"

namespace rostrum::cli::importing {

/// Publishes many events, as many at once as the service takes, and hands their outcomes out in the order in
/// which they were put in. Each is committed or rejected in the end; "not now" and lost connections are its
/// own affair.
class Pipeline {
 public:
  explicit Pipeline(Publisher& publisher) : publisher_(publisher) {}

  /// Whether one more may be put in now.
  [[nodiscard]] bool has_room() const;
  void put(Event event);
  /// One that needs not be published: its outcome is known already.
  void put(Outcome outcome);

  /// The outcome of the one that was put in first of those that are left, if it is there within the time.
  [[nodiscard]] std::optional<Outcome> take(std::chrono::milliseconds time);
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

 private:
  struct Waiting {
    std::string packed;  ///< empty when there is nothing to publish
    std::optional<Ticket> ticket;
    std::optional<Outcome> outcome;
  };
  void publish(Waiting& waiting);

  Publisher& publisher_;
  std::deque<Waiting> waiting_;
};

}  // namespace rostrum::cli::importing
