// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/clients/stub_intake.hpp"

namespace rostrum {

bool StubLedger::commit(const bus::ReceivedEvent& event) {
  const std::lock_guard lock(mutex_);
  if (!known_.insert(event.id).second) return false;
  events_.push_back(event);
  return true;
}

std::vector<bus::ReceivedEvent> StubLedger::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

std::vector<EventId> StubLedger::ids() const {
  std::vector<EventId> ids;
  for (const auto& event : events()) ids.push_back(event.id);
  return ids;
}

StubIntake::StubIntake(StubLedger& ledger, Settings settings)
    : ledger_(ledger), settings_(std::move(settings)) {
  authenticator_ = std::make_unique<bus::Authenticator>(
      reactor_, bus::Authenticator::Settings{.directory = settings_.authorized_keys});
  intake_ = std::make_unique<bus::EventIntake>(
      reactor_, random_, *authenticator_,
      bus::BindSettings{
          .listen = settings_.listen, .own = settings_.own.duplicate(), .limits = settings_.limits},
      settings_.served_types, bus::EventIntake::Handlers{.on_gathered = [this] { on_gathered(); }});
  intake_->set_open(settings_.open);
  endpoint_ = intake_->endpoint();
  thread_ = std::thread([this] { reactor_.run(); });
}

StubIntake::~StubIntake() {
  reactor_.stop();
  thread_.join();
}

void StubIntake::set_open(bool open) {
  reactor_.post([this, open] { intake_->set_open(open); });
}

void StubIntake::on_gathered() {
  using Conclusion = bus::EventIntake::Conclusion;
  ++frames_;
  for (auto events = intake_->take(256, 1 << 20); !events.empty(); events = intake_->take(256, 1 << 20)) {
    seen_ += events.size();
    if (!settings_.answering) continue;
    std::vector<Conclusion> conclusions;
    for (const auto& event : events) {
      if (const auto rejection = settings_.verdict(event)) {
        conclusions.push_back(
            {event.peer, event.id, Conclusion::Status::kRejected, rejection->first, rejection->second});
        continue;
      }
      const bool fresh = ledger_.commit(event);
      conclusions.push_back(
          {event.peer, event.id, fresh ? Conclusion::Status::kAccepted : Conclusion::Status::kDuplicate});
    }
    intake_->conclude(conclusions);
  }
}

}  // namespace rostrum
