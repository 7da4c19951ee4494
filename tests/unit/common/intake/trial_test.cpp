// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/trial.hpp"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.hpp"

namespace rostrum::intake {
namespace {

using enum Trial::Verdict;
using Witness = Trial::Witness;

TEST(Trial, finds_an_event_guilty_when_the_witness_was_accepted_three_times) {
  Trial trial;
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kGuilty);
}

TEST(Trial, begins_anew_when_the_witness_fails_too) {
  Trial trial;
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
    EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
    EXPECT_EQ(trial.rehearsed(Witness::kFailed), kOpen);
  }
}

TEST(Trial, learns_nothing_from_a_witness_that_is_rejected) {
  Trial trial;
  for (int round = 0; round < 10; ++round) EXPECT_EQ(trial.rehearsed(Witness::kRejected), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kRejected), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kGuilty);
}

TEST(Trial, of_a_database_that_fails_for_all_never_ends) {
  Trial trial;
  for (int round = 0; round < 1'000; ++round) EXPECT_EQ(trial.rehearsed(Witness::kFailed), kOpen);
}

/// Events by their types; "bad" is none that can be read.
Batch batch_of(const std::vector<std::string_view>& types) {
  SeededRandom random{1};
  std::vector<bus::ReceivedEvent> received;
  for (const auto type : types) {
    v1::Event event;
    event.set_subject(std::to_string(received.size()));
    received.push_back({bus::PeerToken{}, EventId::make(WallTime(Milliseconds(1)), random), "forum", type,
                        type == "bad" ? "\xff" : event.SerializeAsString()});
  }
  Batch batch(std::move(received));
  batch.read([](const IntakeEvent&) { return std::optional<Rejection>(); });
  return batch;
}

class Witnesses : public testing::Test {
 protected:
  /// The subject of the nth one; none: "".
  std::string find(const Batch& batch, std::size_t accused, const Batch* next, std::size_t nth) {
    class Store final : public EventStore {
     public:
      std::optional<Rejection> check(const IntakeEvent&) const override { return std::nullopt; }
      std::vector<Ledger::Entry> enter(std::span<const Identity> events) override {
        id = events.front().id;
        return std::vector(events.size(), Ledger::Entry::kNew);
      }
      void withdraw(std::span<const Identity>) override {}
      std::vector<std::optional<Rejection>> apply(IntakeEvents events) override {
        subject = events.front()->event.subject();
        return std::vector<std::optional<Rejection>>(events.size());
      }
      std::optional<EventId> id;
      std::string subject;
    } store;
    auto witness = find_witness(batch, accused, next, nth, fresh_);
    if (!witness) return "";
    EXPECT_EQ(witness->size(), 1U);
    EXPECT_EQ(witness->commit(store, {0, 1}).front().status, intake::Verdict::Status::kAccepted);
    EXPECT_EQ(store.id, fresh_) << "in the ledger it is nobody's";
    return store.subject;
  }
  SeededRandom random_{7};
  const EventId fresh_ = EventId::make(WallTime(Milliseconds(2)), random_);
};

TEST_F(Witnesses, are_of_the_same_type_wait_behind_the_accused_and_take_turns) {
  const auto batch = batch_of({"a", "a", "b", "bad", "a"});
  const auto next = batch_of({"b", "a"});
  EXPECT_EQ(find(batch, 1, &next, 0), "4");
  EXPECT_EQ(find(batch, 1, &next, 1), "1") << "of the next batch";
  EXPECT_EQ(find(batch, 1, &next, 2), "4");
}

TEST_F(Witnesses, are_none_while_only_others_wait_or_those_that_were_before) {
  const auto batch = batch_of({"a", "a", "b"});
  EXPECT_EQ(find(batch, 1, nullptr, 0), "");
  const auto next = batch_of({"b", "b"});
  EXPECT_EQ(find(batch, 1, &next, 0), "");
}

}  // namespace
}  // namespace rostrum::intake
