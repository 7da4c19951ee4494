// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/event_queue.hpp"

#include <utility>

#include "rostrum/v1/event.pb.h"

namespace rostrum::gateway {
namespace {

constexpr std::size_t kMostWaiting = 20'000;
constexpr std::size_t kMostWaitingBytes = std::size_t{16} * 1'024 * 1'024;

metrics::Counter& counter(metrics::Registry& registry, const std::string& destination, const char* fate) {
  return registry.counter("rostrum_gateway_events_total",
                          "What members' clients and the Jabber server told us, by what became of it.",
                          {{"destination", destination}, {"fate", fate}});
}

metrics::Gauge& gauge(metrics::Registry& registry, const char* name, const char* help,
                      const std::string& destination) {
  return registry.gauge(name, help, {{"destination", destination}});
}

}  // namespace

EventQueue::EventQueue(bus::Reactor& reactor, Random& random, log::Log& log, metrics::Registry& registry,
                       const std::string& destination, bus::ConnectSettings settings)
    : clock_(reactor.clock()),
      random_(random),
      log_(log),
      destination_(destination),
      published_(counter(registry, destination, "published")),
      rejected_(counter(registry, destination, "rejected")),
      dropped_(counter(registry, destination, "dropped")),
      report_(log, registry, clock_, "gateway", destination),
      waiting_events_(gauge(registry, "rostrum_gateway_events_waiting",
                            "Events that wait for credit; when too many do, the oldest are dropped.",
                            destination)),
      unanswered_events_(gauge(registry, "rostrum_gateway_events_unanswered",
                               "Events on their way that have no outcome yet.", destination)),
      kept_bytes_(gauge(registry, "rostrum_gateway_events_kept_bytes",
                        "Bytes of the events that wait or are unanswered.", destination)),
      credit_events_(gauge(registry, "rostrum_gateway_events_credit",
                           "Events that the intake would take now.", destination)),
      credit_bytes_(gauge(registry, "rostrum_gateway_events_credit_bytes",
                          "Bytes of events that the intake would take now.", destination)),
      publisher_(reactor, random, std::move(settings),
                 {.on_outcome = [this](const bus::EventOutcome& outcome) { told(outcome); },
                  .on_link = [this](const bus::LinkEvent& event) { report_.hear(event); },
                  .on_credit = [this] { drain(); }}) {}

void EventQueue::publish(rostrum::v1::Event event) {
  const auto now = clock_.wall();
  const auto id = EventId::make(now, random_);
  event.set_id(id.to_bytes());
  const auto since_epoch = now.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  event.mutable_time()->set_seconds(seconds.count());
  event.mutable_time()->set_nanos(static_cast<int>(std::chrono::nanoseconds(since_epoch - seconds).count()));
  waiting_.push_back({id, event.SerializeAsString()});
  waiting_bytes_ += waiting_.back().bytes.size();
  drain();
  while (waiting_.size() > kMostWaiting) drop_oldest("too many wait");
  while (waiting_bytes_ > kMostWaitingBytes) drop_oldest("too many bytes wait");
}

void EventQueue::drop_oldest(const char* why) {
  forget_oldest();
  dropped_.add();
  if (const auto kept_back = drop_lines_.pass(clock_.mono()))
    log_.warning("event_dropped",
                 {{"destination", destination_}, {"detail", why}, {"kept_back", *kept_back}});
}

void EventQueue::forget_oldest() {
  waiting_bytes_ -= waiting_.front().bytes.size();
  waiting_.pop_front();
}

void EventQueue::drain() {
  while (!waiting_.empty()) {
    const auto answer = publisher_.offer(waiting_.front());
    if (answer == bus::Offer::kNotNow) return;
    if (answer == bus::Offer::kTooLarge)
      drop_oldest("too large for the intake");  // it would hold up the others for ever
    else
      forget_oldest();
  }
}

void EventQueue::show() {
  const auto flow = publisher_.flow();
  waiting_events_.set(static_cast<double>(waiting_.size()));
  unanswered_events_.set(static_cast<double>(flow.unanswered.items));
  kept_bytes_.set(static_cast<double>(waiting_bytes_ + flow.unanswered.bytes));
  credit_events_.set(static_cast<double>(flow.credit.items));
  credit_bytes_.set(static_cast<double>(flow.credit.bytes));
}

void EventQueue::told(const bus::EventOutcome& outcome) {
  if (outcome.status != bus::EventOutcome::Status::kRejected) return published_.add();
  rejected_.add();
  log_.warning("event_rejected",
               {{"destination", destination_}, {"code", outcome.rejection_code}, {"detail", outcome.text}});
}

std::string EventQueue::trouble() const {
  return connected() ? std::string() : destination_ + " is not connected: " + report_.trouble();
}

}  // namespace rostrum::gateway
