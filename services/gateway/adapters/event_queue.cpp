// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/event_queue.hpp"

#include <utility>

#include "rostrum/v1/event.pb.h"

namespace rostrum::gateway {
namespace {

constexpr std::size_t kMostWaiting = 20'000;

metrics::Counter& counter(metrics::Registry& registry, const std::string& destination, const char* fate) {
  return registry.counter("rostrum_gateway_events_total",
                          "What members' clients and the Jabber server told us, by what became of it.",
                          {{"destination", destination}, {"fate", fate}});
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
  if (waiting_.size() == kMostWaiting) {
    waiting_.pop_front();
    dropped_.add();
  }
  waiting_.push_back({id, event.SerializeAsString()});
  drain();
}

void EventQueue::drain() {
  while (!waiting_.empty() && publisher_.offer(waiting_.front()) == bus::Offer::kTaken) waiting_.pop_front();
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
