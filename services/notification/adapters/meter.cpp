// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/meter.hpp"

#include <vector>

#include "services/notification/adapters/words.hpp"

namespace rostrum::notification {

namespace {

// From "at once" to "when the member came back from a week away".
const std::vector<double> kSecondsSincePublished{0.05, 0.1, 0.25, 0.5,   1,     2.5,    5,      10,
                                                 30,   60,  300,  1'800, 7'200, 86'400, 604'800};

double in_seconds(Milliseconds duration) {
  return static_cast<double>(duration.count()) / 1'000;
}

metrics::Counter& forgotten_of(metrics::Registry& registry, const std::string& what) {
  return registry.counter("rostrum_notification_deleted_total",
                          "What was over for longer than keep_days and was deleted", {{"what", what}});
}

}  // namespace

Meter::Meter(metrics::Registry& registry)
    : registry_(registry),
      dead_letters_("notification", registry),
      unmatched_(registry.counter(
          "rostrum_notification_feedback_unmatched_total",
          "Receipts and bounces that name no stanza of ours, or come from another than its member")),
      expanded_(registry.counter("rostrum_notification_expanded_total", "Deliveries made from notices")),
      forgotten_notices_(forgotten_of(registry, "notice")),
      forgotten_deliveries_(forgotten_of(registry, "delivery")),
      expanding_(registry.gauge("rostrum_notification_notices", "Notices that are not done, by state",
                                {{"state", "expanding"}})),
      sending_(registry.gauge("rostrum_notification_notices", "Notices that are not done, by state",
                              {{"state", "sending"}})),
      oldest_due_(registry.gauge("rostrum_notification_oldest_due_seconds",
                                 "For how long the oldest delivery that could be tried has been waiting")),
      sent_after_(
          registry.histogram("rostrum_notification_sent_after_seconds",
                             "From a notice's acceptance to the Jabber server's confirmation of a delivery",
                             kSecondsSincePublished)),
      delivered_after_(registry.histogram(
          "rostrum_notification_delivered_after_seconds",
          "From a notice's acceptance to the member's confirmation of a delivery", kSecondsSincePublished)) {
  for (const auto state :
       {State::kSent, State::kDelivered, State::kFailed, State::kExpired, State::kSuppressed})
    of(state);
}

metrics::Counter& Meter::of(State state) {
  return registry_.counter("rostrum_notification_deliveries_total", "Deliveries that came to this state",
                           {{"state", word(state)}});
}

void Meter::reached(State state, Milliseconds since_published) {
  if (is_open(state)) return;
  of(state).add();
  if (state == State::kFailed || state == State::kExpired) dead_letters_.made(1);
  if (state == State::kSent) sent_after_.observe(in_seconds(since_published));
  if (state == State::kDelivered) delivered_after_.observe(in_seconds(since_published));
}

void Meter::unmatched(std::size_t feedbacks) {
  unmatched_.add(static_cast<double>(feedbacks));
}
void Meter::forgotten(std::size_t notices, std::size_t deliveries) {
  forgotten_notices_.add(static_cast<double>(notices));
  forgotten_deliveries_.add(static_cast<double>(deliveries));
}
void Meter::expanded(std::size_t deliveries) {
  expanded_.add(static_cast<double>(deliveries));
}

}  // namespace rostrum::notification
