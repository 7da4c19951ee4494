// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "common/bus/intake_core.hpp"
#include "common/bus/publisher_core.hpp"
#include "tests/unit/common/bus/conversation.hpp"

namespace rostrum::bus::test {
namespace {

/// A publisher and an intake over a virtual link that delays, breaks and comes back, beside a database that
/// dies in the middle. Each seed is another history; a failure names its seed.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  void live(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }
  /// Nothing breaks any more, and everything finds its end.
  void come_to_rest() {
    calm_ = true;
    carry_out(intake_->set_open(true));
    for (int i = 0; i < 2'000 && publisher_.unanswered() > 0; ++i) step();
  }
  void expect_promises_kept() const {
    EXPECT_EQ(publisher_.unanswered(), 0U);
    ASSERT_EQ(outcomes_.size(), taken_.size());
    for (const auto& id : taken_) {
      ASSERT_TRUE(outcomes_.contains(id));
      EXPECT_EQ(outcomes_.at(id), 1) << "exactly one outcome";
      EXPECT_TRUE(committed_.contains(id)) << "an outcome means: committed";
    }
    EXPECT_EQ(refusals_, 0) << "never over credit, never out of turn";
  }
  [[nodiscard]] std::size_t offered() const { return taken_.size(); }
  [[nodiscard]] int losses() const { return losses_; }

 private:
  void step() {
    clock_.advance(milliseconds{1});
    switch (random_.below(calm_ ? 6 : 9)) {
      case 0:
        return offer();
      case 1:
        return flush();
      case 2:
        return deliver_to_intake();
      case 3:
        return deliver_to_publisher();
      case 4:
        return commit();
      case 5:
        return connected_ ? beat() : connect();
      case 6:
        return random_.below(20) == 0 ? lose() : offer();
      case 7:
        return random_.below(40) == 0 ? restart_intake() : offer();
      default:
        return carry_out(intake_->set_open(random_.below(4) != 0));
    }
  }

  void offer() {
    for (auto count = calm_ ? 0 : random_.below(6); count > 0; --count) {
      const auto id = EventId::make(clock_.wall(), random_);
      if (publisher_.offer({id, removal(id).SerializeAsString()}) == Offer::kTaken) taken_.push_back(id);
    }
  }
  void flush() {
    if (!connected_) return;
    while (auto batch = publisher_.next_batch()) to_intake_.emplace_back(*batch);
  }
  void deliver_to_intake() {
    if (to_intake_.empty()) return;
    const Frame frame = to_intake_.front();
    to_intake_.pop_front();
    if (const auto* batch = std::get_if<BatchFrame>(&frame)) expect_order(*batch);
    carry_out(intake_->receive(message_from(route(), key_, frame), keys_, clock_.wall()));
  }
  void deliver_to_publisher() {
    if (to_publisher_.empty()) return;
    Frame frame = to_publisher_.front();
    to_publisher_.pop_front();
    if (const auto* welcome = std::get_if<WelcomeFrame>(&frame)) note(publisher_.welcomed(*welcome));
    if (const auto* credit = std::get_if<CreditFrame>(&frame)) publisher_.raise(*credit);
    if (auto* outcomes = std::get_if<OutcomesFrame>(&frame)) note(publisher_.concluded(std::move(*outcomes)));
    if (std::holds_alternative<RefusalFrame>(frame)) ++refusals_;
  }
  void commit() {
    std::vector<EventIntake::Conclusion> conclusions;
    for (const auto& event : intake_->take(1 + random_.below(20), 10'000)) {
      const bool is_new = committed_.insert(event.id).second;
      conclusions.push_back({event.peer, event.id,
                             is_new ? EventIntake::Conclusion::Status::kAccepted
                                    : EventIntake::Conclusion::Status::kDuplicate});
    }
    if (!conclusions.empty()) carry_out(intake_->conclude(std::move(conclusions)));
  }
  void beat() { carry_out(intake_->greet_all(keys_)); }
  void connect() {
    connected_ = true;
    ++connections_;
    seen_in_connection_.clear();
    to_intake_.emplace_back(hello(LinkKind::kEvent));
  }
  void lose() {
    if (!connected_) return;
    ++losses_;
    connected_ = false;
    to_intake_.clear();
    to_publisher_.clear();
    publisher_.lost();
    if (random_.below(2) == 0) carry_out(intake_->drop(route()));  // or the intake has not noticed yet
  }
  /// Whatever it had committed stays committed; whatever it had gathered or was about to say is gone.
  void restart_intake() {
    lose();
    intake_.emplace(limits_, std::string(16, 'j'), std::vector<std::string>{"member_removed"});
  }
  void carry_out(const IntakeEffects& effects) {
    for (const auto& outgoing : effects.peers.send) {
      if (connected_ && outgoing.route == route()) to_publisher_.push_back(outgoing.frame);
    }
  }
  void note(const std::vector<EventOutcome>& outcomes) {
    for (const auto& outcome : outcomes) ++outcomes_[outcome.id];
  }
  /// Within one connection events come in the order in which they were taken, each once.
  void expect_order(const BatchFrame& batch) {
    for (const auto& bytes : batch.events) {
      v1::Event event;
      ASSERT_TRUE(event.ParseFromString(bytes));
      const auto place =
          std::find(taken_.begin(), taken_.end(), *EventId::from_bytes(event.id())) - taken_.begin();
      ASSERT_TRUE(seen_in_connection_.empty() || place > seen_in_connection_.back());
      seen_in_connection_.push_back(place);
    }
  }
  std::string route() const { return "r" + std::to_string(connections_); }

  SeededRandom random_;
  FakeClock clock_;
  AuthorizedKey key_ = key_of("forum", {"member_removed"});
  AuthorizedKeys keys_{{key_}};
  LinkLimits limits_{.max_batch = 5, .window = 20, .window_total = 60};
  PublisherCore publisher_;
  std::optional<IntakeCore> intake_{std::in_place, limits_, std::string(16, 'i'),
                                    std::vector<std::string>{"member_removed"}};
  std::deque<Frame> to_intake_;
  std::deque<Frame> to_publisher_;
  bool connected_ = false;
  bool calm_ = false;
  int connections_ = 0;
  int losses_ = 0;
  int refusals_ = 0;
  std::vector<EventId> taken_;
  std::vector<std::ptrdiff_t> seen_in_connection_;
  std::set<EventId> committed_;
  std::map<EventId, int> outcomes_;
};

TEST(EventLinkSimulation, every_taken_event_gets_exactly_one_outcome_whatever_breaks) {
  std::size_t offered = 0;
  int losses = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.live(1'500);
    world.come_to_rest();
    world.expect_promises_kept();
    offered += world.offered();
    losses += world.losses();
  }
  EXPECT_GT(offered, 3'000U) << "the histories must not be dull";
  EXPECT_GT(losses, 100);
}

}  // namespace
}  // namespace rostrum::bus::test
