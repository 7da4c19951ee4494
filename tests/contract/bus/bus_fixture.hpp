// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/clock.hpp"
#include "common/base/random.hpp"
#include "common/bus/authenticator.hpp"
#include "common/bus/event_intake.hpp"
#include "common/bus/event_publisher.hpp"
#include "common/bus/reactor.hpp"
#include "rostrum/v1/bus.pb.h"
#include "rostrum/v1/event.pb.h"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::bus::test {

using rostrum::test::TemporaryFolder;
using std::chrono::milliseconds;

/// One process with everything in it: a reactor, an authenticator with its directory of keys, and real
/// sockets on the loopback interface.
class BusTest : public testing::Test {
 protected:
  BusTest() : authenticator_(std::in_place, reactor_, authenticator_settings()) {}

  Authenticator::Settings authenticator_settings() {
    return {.directory = authorized_.path(),
            .on_read = [this](const KeyFolder& folder) { mistakes_ = folder.all_mistakes(); },
            .on_refused = [this](Authenticator::Reason, const std::string& text,
                                 const std::string&) { refused_.push_back(text); },
            .look_every = milliseconds{20}};
  }

  /// Turns the reactor until the condition holds; fails when it does not within the deadline.
  void until(const std::string& what, const std::function<bool()>& condition,
             milliseconds deadline = milliseconds{60'000}) {
    Timer end(reactor_);
    Timer look(reactor_);
    bool late = false;
    end.start(deadline, [&] {
      late = true;
      reactor_.stop();
    });
    std::function<void()> again = [&] {
      if (condition()) return reactor_.stop();
      look.start(milliseconds{1}, again);
    };
    again();
    reactor_.run();
    ASSERT_FALSE(late) << "waited in vain until " << what;
  }
  /// Turns the reactor for a while in which something must not happen.
  void turn_for(milliseconds time) {
    Timer end(reactor_);
    end.start(time, [this] { reactor_.stop(); });
    reactor_.run();
  }

  /// Lets a new key in, as `rostrum keygen` and an editor would, and waits until it is in force.
  KeyPair admit(const std::string& name, const std::string& allow) {
    auto pair = make_key_pair();
    admit(name, pair, allow);
    return pair;
  }
  void admit(const std::string& name, const KeyPair& pair, const std::string& allow) {
    authorized_.write(name, "key " + pair.public_key.z85() + "\nallow " + allow + "\n");
    until(name + " is admitted", [&] {
      const auto* key = authenticator_->keys().find_by_key(pair.public_key);
      return key != nullptr && key->name == name;
    });
  }

  ConnectSettings connect_settings(std::vector<std::string> endpoints, const KeyPair& own) const {
    return {.endpoints = std::move(endpoints),
            .own = own.duplicate(),
            .server = server_.public_key,
            .answer_deadline = milliseconds{1'500},
            .retry_first = milliseconds{20},
            .retry_cap = milliseconds{200}};
  }
  BindSettings bind_settings(const std::string& listen = "tcp://127.0.0.1:*", LinkLimits limits = {}) const {
    return {.listen = listen, .own = server_.duplicate(), .limits = limits};
  }

  TemporaryFolder authorized_;
  std::vector<std::string> mistakes_;  ///< in the folder, as it was last read
  std::vector<std::string> refused_;
  SystemClock clock_;
  SeededRandom random_{20'260'101};
  KeyPair server_ = make_key_pair();
  Reactor reactor_{clock_};
  std::optional<Authenticator> authenticator_;
};

/// An intake whose database takes everything at once, and remembers it.
class TakingIntake {
 public:
  TakingIntake(Reactor& reactor, Random& random, const Authenticator& authenticator, BindSettings settings,
               std::vector<std::string> served = {"member_upserted", "member_removed"})
      : intake_(reactor, random, authenticator, std::move(settings), std::move(served),
                {.on_gathered =
                     [this] {
                       if (!held_) take();
                     },
                 .on_link = [this](const LinkEvent& event) { links.push_back(event); },
                 .on_rejected = [this](std::string_view, int code) { rejected.push_back(code); }}) {}

  void take() {
    for (auto events = intake_.take(256, 1 << 20); !events.empty(); events = intake_.take(256, 1 << 20)) {
      std::vector<EventIntake::Conclusion> conclusions;
      for (auto& event : events) {
        const bool is_new = ++taken[event.id] == 1;
        order.push_back(event.id);
        sources.push_back(event.source);
        conclusions.push_back({event.peer, event.id,
                               is_new ? EventIntake::Conclusion::Status::kAccepted
                                      : EventIntake::Conclusion::Status::kDuplicate});
      }
      intake_.conclude(conclusions);
    }
  }
  /// The database is away for a while.
  void hold() { held_ = true; }
  void release() {
    held_ = false;
    take();
  }
  EventIntake& operator*() { return intake_; }
  EventIntake* operator->() { return &intake_; }

  std::map<EventId, int> taken;
  std::vector<EventId> order;
  std::vector<std::string> sources;
  std::vector<int> rejected;
  std::vector<LinkEvent> links;

 private:
  bool held_ = false;
  EventIntake intake_;
};

/// A site.
class Site {
 public:
  Site(Reactor& reactor, Random& random, ConnectSettings settings)
      : random_(random),
        clock_(reactor.clock()),
        publisher_(reactor, random, std::move(settings),
                   {.on_outcome = [this](EventOutcome outcome) { outcomes.push_back(std::move(outcome)); },
                    .on_link = [this](const LinkEvent& event) { links.push_back(event); },
                    .on_credit = [this] { ++credits; },
                    .on_pause = [this] { ++pauses; }}) {}

  /// Offers "this member is gone", with a filling of the given size in its traceparent.
  Offer remove_member(const std::string& member, std::size_t filling_bytes = 0) {
    const auto id = EventId::make(clock_.wall(), random_);
    v1::Event event;
    event.set_id(id.to_bytes());
    event.set_subject(member);
    event.set_traceparent(std::string(filling_bytes, 'x'));
    event.mutable_member_removed();
    return offer(id, event);
  }
  Offer offer(const EventId& id, const v1::Event& event) {
    const auto answer = publisher_.offer({id, event.SerializeAsString()});
    if (answer == Offer::kTaken) offered.push_back(id);
    return answer;
  }
  [[nodiscard]] std::size_t count(EventOutcome::Status status) const {
    std::size_t sum = 0;
    for (const auto& outcome : outcomes) sum += outcome.status == status ? 1 : 0;
    return sum;
  }
  [[nodiscard]] bool told(LinkEvent::Kind kind) const {
    for (const auto& event : links) {
      if (event.kind == kind) return true;
    }
    return false;
  }
  EventPublisher* operator->() { return &publisher_; }

  std::vector<EventId> offered;
  std::vector<EventOutcome> outcomes;
  std::vector<LinkEvent> links;
  int credits = 0;
  int pauses = 0;

 private:
  Random& random_;
  const Clock& clock_;
  EventPublisher publisher_;
};

}  // namespace rostrum::bus::test
