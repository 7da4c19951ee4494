// SPDX-License-Identifier: Apache-2.0
#include "common/bus/observation_publisher.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/crash_point.hpp"
#include "common/bus/connection.hpp"
#include "common/bus/credit_window.hpp"

namespace rostrum::bus {

namespace {

/// What an Observations frame takes beside its observations, at most: a domain of 1,023 bytes, two numbers.
constexpr std::size_t kHeadBytes = 1'100;

/// An observation with the longest names and status that may be said; while there is less credit nothing is
/// sent, so that whoever fills a frame finds room for one.
constexpr std::size_t kLargestBytes = 8 * 1'024;

/// What the other side granted in this conversation.
struct Terms {
  explicit Terms(const WelcomeFrame& welcome)
      : max_batch(std::max<std::size_t>(1, welcome.max_batch)), max_frame_bytes(welcome.max_frame_bytes) {
    purse.begin(welcome.credit);
  }
  [[nodiscard]] std::size_t frame_bytes() const {
    const std::size_t overhead = kHeadBytes + max_batch * size_in_batch(0);
    const std::size_t frame = max_frame_bytes - std::min(max_frame_bytes, overhead);
    return static_cast<std::size_t>(std::min<std::uint64_t>(frame, purse.left().bytes));
  }
  std::size_t max_batch;
  std::size_t max_frame_bytes;
  CreditPurse purse;
};

}  // namespace

struct ObservationPublisher::State {
  State(Reactor& reactor, Random& random, const ConnectSettings& settings, Handlers h)
      : handlers(std::move(h)),
        connection(reactor, random, settings, LinkKind::kObservation,
                   {.on_begun = [this](const WelcomeFrame& welcome) { begin(welcome); },
                    .on_ended = [this] { end(); },
                    .on_frame = [this](const Frame& frame) { receive(frame); },
                    .on_link = [this](const LinkEvent& event) { handlers.on_link(event); },
                    .on_writable = [this] { tell_room(); }}) {}

  void begin(const WelcomeFrame& welcome) {
    terms.emplace(welcome);
    starved = true;
    handlers.on_begun();
    tell_room();
  }
  void end() {
    terms.reset();
    handlers.on_ended();
  }
  void receive(const Frame& frame) {
    if (const auto* answer = std::get_if<LeaseAnswerFrame>(&frame)) handlers.on_lease(*answer);
    if (const auto* stored = std::get_if<ObservationsStoredFrame>(&frame)) handlers.on_stored(*stored);
    if (const auto* credit = std::get_if<CreditFrame>(&frame); credit != nullptr && terms) {
      terms->purse.hear(credit->credit, credit->paused);
      tell_room();
    }
  }
  void tell_room() {
    if (!starved || room() == 0) return;
    starved = false;
    handlers.on_room();
  }

  bool say(const Frame& frame) {
    if (!terms || !connection.writable()) return false;
    connection.send(frame);
    return terms.has_value();
  }
  std::size_t room() {
    if (!terms) return 0;
    const auto left = terms->purse.left();
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(terms->max_batch, left.items));
    if (room > 0 && left.bytes >= kLargestBytes && connection.writable()) return room;
    starved = true;
    return 0;
  }

  Handlers handlers;
  std::optional<Terms> terms;  ///< of the conversation that stands
  bool starved = true;         ///< there was no room at the last look
  Connection connection;
};

ObservationPublisher::ObservationPublisher(Reactor& reactor, Random& random, ConnectSettings settings,
                                           Handlers handlers)
    : state_(std::make_unique<State>(reactor, random, settings, std::move(handlers))) {}

ObservationPublisher::~ObservationPublisher() = default;

bool ObservationPublisher::claim(const LeaseClaimFrame& claim) {
  const bool is_said = state_->say(claim);
  crash_point("lease.asked");
  return is_said;
}

bool ObservationPublisher::release(const LeaseReleaseFrame& release) {
  return state_->say(release);
}

std::size_t ObservationPublisher::room() {
  return state_->room();
}

std::size_t ObservationPublisher::frame_bytes() const {
  return state_->terms ? state_->terms->frame_bytes() : 0;
}

void ObservationPublisher::send(ObservationsFrame frame) {
  ROSTRUM_INVARIANT(state_->terms && !frame.observations.empty());
  ROSTRUM_INVARIANT(state_->terms->purse.spend(load_of(frame)));
  state_->connection.send(std::move(frame));
  crash_point("observation.sent");
}

bool ObservationPublisher::connected() const {
  return state_->terms.has_value();
}

}  // namespace rostrum::bus
