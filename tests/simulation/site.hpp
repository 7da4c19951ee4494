// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/bus/publisher_core.hpp"
#include "tests/simulation/links.hpp"

namespace rostrum::simulation {

/// What a site has to say to one intake, and what it heard; in its own database, so no process of its own
/// takes it along.
class Outbox {
 public:
  using Outcome = bus::EventOutcome::Status;
  struct Saying {
    EventId id;
    std::string bytes;
    bool other_content = false;  ///< says something else under an id that was used before
    bool repeat = false;         ///< says the same once more
    std::optional<Outcome> answer = {};
  };

  void say(Saying saying) { sayings_.push_back(std::move(saying)); }
  [[nodiscard]] std::vector<Saying>& sayings() { return sayings_; }
  [[nodiscard]] const std::vector<Saying>& sayings() const { return sayings_; }
  [[nodiscard]] std::size_t unanswered() const;

 private:
  std::vector<Saying> sayings_;
};

/// A site's process: EventPublisher's twin around the same core, and a loop that offers what is unanswered.
class SiteProcess {
 public:
  /// `on_outcome`: what was heard, for those who know what is true.
  SiteProcess(World& world, Network& network, std::string name, const bus::PublicKey& own,
              std::vector<std::string> intakes, Outbox& outbox,
              std::function<void(const Outbox::Saying&)> on_outcome);

 private:
  void offer_some();
  void offer_again_later();
  void receive(bus::Frame frame);
  void tell(const std::vector<bus::EventOutcome>& outcomes);
  void flush();
  void flush_soon();

  World& world_;
  std::string name_;
  Outbox& outbox_;
  std::function<void(const Outbox::Saying&)> on_outcome_;
  bus::PublisherCore core_;
  struct Taken {
    std::size_t place;     ///< in the outbox
    std::uint64_t number;  ///< the how manieth
    bool ever_sent = false;
  };
  std::map<EventId, Taken> taken_;  ///< by the publisher, and not answered
  std::uint64_t last_taken_ = 0;
  std::uint64_t last_sent_ = 0;  ///< in this conversation
  bool flushing_ = false;
  Life life_;
  ConnectingSide side_;
};

}  // namespace rostrum::simulation
