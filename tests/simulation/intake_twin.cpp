// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/intake_twin.hpp"

#include <algorithm>
#include <utility>

#include "common/bus/instance.hpp"

namespace rostrum::simulation {

namespace {

constexpr bus::LinkLimits kLimits{.max_batch = 4, .window = 6, .window_total = 10};
constexpr std::size_t kMostEvents = 5;  // in one transaction
constexpr std::size_t kMostBytes = 10'000;

}  // namespace

IntakeTwin::IntakeTwin(World& world, Network& network, const std::string& address,
                       const bus::AuthorizedKeys& keys, Worker<Database>& worker, Service service)
    : world_(world),
      address_(address),
      worker_(worker),
      service_(std::move(service)),
      core_(kLimits, bus::make_instance(world.random()), service_.served_types),
      side_(world, network, address,
            {.on_message =
                 [this, &keys](const bus::IncomingMessage& message) {
                   perform(core_.receive(message, keys, world_.wall()));
                 },
             .on_dropped = [this](const std::string& route) { perform(core_.drop(route)); },
             .has_room = [this] { return core_.has_room(); },
             .on_beat = [this, &keys] { perform(core_.greet_all(keys)); }}) {
  database_down();
}

void IntakeTwin::perform(const bus::IntakeEffects& effects) {
  promise(core_.waiting() <= kLimits.window_total + kLimits.max_batch,
          "what waits at an intake is bounded, but ", address_, " has ", core_.waiting());
  side_.perform(effects.peers);
  if (effects.gathered) take();
}

void IntakeTwin::take() {
  if (batch_) return;
  auto received = core_.take(kMostEvents, kMostBytes);
  if (received.empty()) return;
  plan_ = pg::SplitPlan(received.size());
  batch_ = std::make_shared<intake::Batch>(std::move(received));
  side_.resume();
  commit_next_part();
}

void IntakeTwin::commit_next_part() {
  const auto part = plan_.next();
  if (!part) {
    batch_.reset();
    return take();
  }
  worker_.submit<Verdicts>(
      [batch = batch_, part = *part, transaction = service_.transaction](Database& database) {
        return batch->commit(*transaction(database), part);
      },
      [this, part = *part](std::optional<Verdicts> verdicts) { ended(part, std::move(verdicts)); });
}

void IntakeTwin::ended(pg::SplitPlan::Part part, std::optional<Verdicts> verdicts) {
  if (verdicts) {
    conclude(part, *verdicts);
    plan_.done();
  } else if (!plan_.split()) {
    conclude(part, {intake::Verdict::rejected({v1::REJECTION_CODE_NOT_STORABLE, "refused for good"})});
    plan_.done();
  }
  commit_next_part();
}

void IntakeTwin::conclude(pg::SplitPlan::Part part, const Verdicts& verdicts) {
  bool took_something_new = false;
  std::vector<bus::EventIntake::Conclusion> conclusions;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    took_something_new |= verdicts[i].status == intake::Verdict::Status::kAccepted;
    conclusions.push_back(intake::conclusion_of(batch_->received(part.begin + i), verdicts[i]));
  }
  world_.say(address_, " answers ", conclusions.size(), " events");
  perform(core_.conclude(conclusions));
  side_.resume();
  if (took_something_new) service_.committed();
}

}  // namespace rostrum::simulation
