// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "common/base/clock.hpp"
#include "common/dispatch/dead_letters.hpp"
#include "common/metrics/metrics.hpp"
#include "services/notification/core/delivery_life.hpp"

namespace rostrum::notification {

/// What this service counts; all names begin with rostrum_notification_. Usable from any thread. Counted
/// inside transactions: one whose commit was in doubt and is repeated may count twice; the exact numbers are
/// in the view notification.notices.
class Meter {
 public:
  explicit Meter(metrics::Registry& registry);

  /// A delivery came to a state that is not open, so long after its notice was published.
  void reached(State state, Milliseconds since_published);
  /// A notice not all of whose deliveries can be made.
  void given_up() { dead_letters_.made(1); }
  void unmatched(std::size_t feedbacks);
  void expanded(std::size_t deliveries);
  /// Deleted after their time.
  void forgotten(std::size_t notices, std::size_t deliveries);

  /// How many dead letters there are and were made.
  [[nodiscard]] dispatch::DeadLetters& dead_letters() { return dead_letters_; }

  // Of the whole database, read from it now and then.
  void notices_expanding(double count) { expanding_.set(count); }
  void notices_sending(double count) { sending_.set(count); }
  void oldest_due(double seconds) { oldest_due_.set(seconds); }

 private:
  metrics::Counter& of(State state);

  metrics::Registry& registry_;
  dispatch::DeadLetters dead_letters_;
  metrics::Counter& unmatched_;
  metrics::Counter& expanded_;
  metrics::Counter& forgotten_notices_;
  metrics::Counter& forgotten_deliveries_;
  metrics::Gauge& expanding_;
  metrics::Gauge& sending_;
  metrics::Gauge& oldest_due_;
  metrics::Histogram& sent_after_;
  metrics::Histogram& delivered_after_;
};

}  // namespace rostrum::notification
