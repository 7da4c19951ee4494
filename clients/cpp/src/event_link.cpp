// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/src/event_link.hpp"

#include <algorithm>
#include <utility>

#include "common/base/text.hpp"
#include "rostrum/v1/bus.pb.h"

namespace rostrum {

namespace {

Ticket ended(const EventId& id, Outcome::Status status, std::string code, std::string text) {
  auto state = std::make_shared<Ticket::State>(id.to_string());
  state->end({status, id.to_string(), std::move(code), std::move(text)});
  return Ticket(std::move(state));
}

/// "JID_TAKEN"; a code of a later version keeps its number.
std::string code_name(int code) {
  constexpr std::string_view kPrefix = "REJECTION_CODE_";
  const std::string& name = v1::RejectionCode_Name(static_cast<v1::RejectionCode>(code));
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : std::to_string(code);
}

Outcome from_bus(const bus::EventOutcome& outcome) {
  const std::string id = outcome.id.to_string();
  switch (outcome.status) {
    case bus::EventOutcome::Status::kAccepted:
      return {Outcome::Status::kAccepted, id};
    case bus::EventOutcome::Status::kDuplicate:
      return {Outcome::Status::kDuplicate, id};
    case bus::EventOutcome::Status::kRejected:
      break;
  }
  return {Outcome::Status::kRejected, id, code_name(outcome.rejection_code), printable(outcome.text, 256)};
}

std::string describe_link(const bus::LinkEvent& event) {
  static constexpr const char* kWords[] = {"connected", "lost", "refused", "frame refused", "not found"};
  std::string line = event.endpoint + " " + kWords[static_cast<std::size_t>(event.kind)];
  if (!event.text.empty()) line += ": " + event.text;
  if (bus::needs_somebody(event.trouble)) line += "; " + std::string(bus::remedy(event.trouble));
  return line;
}

}  // namespace

EventLink::EventLink(bus::Reactor& reactor, Random& random, Settings settings)
    : reactor_(reactor),
      settings_(std::move(settings)),
      gathering_(reactor),
      publisher_(reactor, random,
                 {.endpoints = settings_.connect.endpoints,
                  .own = settings_.connect.own.duplicate(),
                  .server = settings_.connect.server,
                  .answer_deadline = settings_.connect.answer_deadline},
                 {.on_outcome = [this](const bus::EventOutcome& outcome) { on_outcome(outcome); },
                  .on_link =
                      [this](const bus::LinkEvent& event) {
                        reactor_.post([this] {
                          refresh_credit();
                        });  // posted: the bus may not be done with this change yet
                        if (settings_.on_link) settings_.on_link(describe_link(event));
                      },
                  .on_credit = [this] { refresh_credit(); },
                  .on_pause = [this] { refresh_credit(); }}) {}

std::optional<Ticket> EventLink::answer_at_once(const EventId& id, std::size_t content_hash,
                                                std::size_t bytes) {
  if (closed_) return ended(id, Outcome::Status::kClosed, {}, "the publisher is closed");
  if (const auto found = open_.find(id); found != open_.end()) {
    // The caller asks for a second time before the first answer: one event, one ticket.
    if (found->second.content_hash == content_hash) return Ticket(found->second.ticket);
    return ended(id, Outcome::Status::kRejected, "ID_REUSED",
                 "an event with this id and other content is on its way; take a new id");
  }
  // What is too large for any credit is left to the publisher to reject.
  wanted_ = {1, bytes > largest_ ? 1 : bytes};
  if (!wanted_.fits(rest_of(credit_, queued_)))
    return ended(id, Outcome::Status::kNotNow, {}, "no credit: the service is away, slow or full");
  wanted_ = kAnything;
  if (open_.size() >= settings_.max_unanswered || open_bytes_ + bytes > settings_.max_unanswered_bytes) {
    return ended(id, Outcome::Status::kNotNow, {}, "too many events of this publisher are unanswered");
  }
  return std::nullopt;
}

Ticket EventLink::publish(const EventId& id, std::string bytes) {
  const std::size_t content_hash = std::hash<std::string>{}(bytes);
  const std::lock_guard lock(mutex_);
  if (auto answer = answer_at_once(id, content_hash, bytes.size())) return *answer;
  auto ticket = std::make_shared<Ticket::State>(id.to_string());
  open_.emplace(id, Open{ticket, content_hash, bytes.size()});
  open_bytes_ += bytes.size();
  queued_ += {1, bytes.size()};
  queue_.push_back({id, std::move(bytes)});
  if (queue_.size() == 1) reactor_.post([this] { gather(); });
  if (queue_.size() == kEnough) reactor_.post([this] { drain(); });
  return Ticket(std::move(ticket));
}

void EventLink::gather() {
  if (publisher_.unanswered() == 0) return drain();
  if (!gathering_.armed()) gathering_.start(kGather, [this] { drain(); });
}

void EventLink::drain() {
  gathering_.stop();
  std::vector<bus::OutgoingEvent> events;
  {
    const std::lock_guard lock(mutex_);
    events.swap(queue_);
    credit_ = rest_of(credit_, std::exchange(queued_, {}));
  }
  for (auto& event : events) {
    const EventId id = event.id;
    switch (publisher_.offer(std::move(event))) {
      case bus::Offer::kTaken:
        break;
      case bus::Offer::kNotNow:
        end(id, {Outcome::Status::kNotNow, id.to_string(), {}, "the service went away just now"});
        break;
      case bus::Offer::kTooLarge:
        end(id, {Outcome::Status::kRejected, id.to_string(), "TOO_LARGE",
                 "larger than the intake takes; shorten it"});
        break;
    }
  }
  refresh_credit();
}

void EventLink::refresh_credit() {
  const auto credit = publisher_.flow().credit;
  const auto largest = publisher_.largest_event();
  const std::lock_guard lock(mutex_);
  credit_ = credit;
  largest_ = largest;
  if (has_room()) changed_.notify_all();
}

void EventLink::on_outcome(const bus::EventOutcome& outcome) {
  end(outcome.id, from_bus(outcome));
  refresh_credit();
  if (gathering_.armed() && publisher_.unanswered() == 0) drain();
}

void EventLink::end(const EventId& id, const Outcome& outcome) {
  std::shared_ptr<Ticket::State> ticket;
  {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(id);
    if (found == open_.end()) return;
    ticket = std::move(found->second.ticket);
    open_bytes_ -= found->second.bytes;
    open_.erase(found);  // before anybody is told, who may publish it again at once
    ++telling_;
  }
  ticket->end(outcome);
  if (settings_.on_outcome) settings_.on_outcome(outcome);
  const std::lock_guard lock(mutex_);
  --telling_;
  if (open_.empty() && telling_ == 0) changed_.notify_all();
}

bool EventLink::wait_for_credit(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return has_room(); });
}

bool EventLink::flush(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return open_.empty() && telling_ == 0; });
}

bus::Load EventLink::unanswered() const {
  const std::lock_guard lock(mutex_);
  return {open_.size(), open_bytes_};
}

bus::Load EventLink::credit() const {
  const std::lock_guard lock(mutex_);
  return rest_of(credit_, queued_);
}

void EventLink::close() {
  std::unordered_map<EventId, Open> open;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    open.swap(open_);
    changed_.notify_all();
  }
  for (auto& [id, entry] : open) {
    const Outcome outcome{
        Outcome::Status::kClosed, id.to_string(), {}, "the publisher was closed before the answer came"};
    entry.ticket->end(outcome);
    if (settings_.on_outcome) settings_.on_outcome(outcome);
  }
}

}  // namespace rostrum
