// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/observation_message.hpp"

#include <gtest/gtest.h>

#include "rostrum/v1/presence.pb.h"
#include "services/gateway/core/outbox.hpp"

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;

constexpr MonoTime kNow{1h};

v1::Observation sent(const Observation& observation) {
  const auto frame = coded({7, 41, {&observation}}, "example.org", kNow);
  v1::Observation message;
  EXPECT_TRUE(message.ParseFromString(frame.observations.at(0)));
  return message;
}

TEST(ObservationMessage, says_whose_domain_which_epoch_and_which_number) {
  const Observation observation{Observation::SnapshotBegan{}, kUnknownMoment};
  const auto frame = coded({7, 41, {&observation, &observation}}, "example.org", kNow);
  EXPECT_EQ(frame.domain, "example.org");
  EXPECT_EQ(frame.epoch, 7u);
  EXPECT_EQ(frame.first_sequence, 41u);
  EXPECT_EQ(frame.observations.size(), 2u);
}

TEST(ObservationMessage, says_how_a_resource_is_there) {
  const auto message =
      sent({Observation::Available{{"anna", "phone/2"}, {Show::kDnd, -5, "busy"}}, kNow - 1500ms});
  EXPECT_EQ(message.age_ms(), 1'500u);
  EXPECT_EQ(message.available().jid(), "anna@example.org");
  EXPECT_EQ(message.available().resource(), "phone/2");
  EXPECT_EQ(message.available().show(), v1::SHOW_DND);
  EXPECT_EQ(message.available().priority(), -5);
  EXPECT_EQ(message.available().status(), "busy");
}

TEST(ObservationMessage, says_how_a_resource_went) {
  const auto left = sent({Observation::Unavailable{{"anna", "phone"}, Departure::kLeft}, kNow});
  EXPECT_EQ(left.unavailable().jid(), "anna@example.org");
  EXPECT_EQ(left.unavailable().ending(), v1::ENDING_LEFT);
  const auto dropped = sent({Observation::Unavailable{{"anna", "phone"}, Departure::kDropped}, kNow});
  EXPECT_EQ(dropped.unavailable().ending(), v1::ENDING_DROPPED);
}

TEST(ObservationMessage, says_the_marks) {
  EXPECT_TRUE(sent({Observation::SnapshotBegan{}, kUnknownMoment}).has_snapshot_began());
  EXPECT_TRUE(sent({Observation::SnapshotEnded{}, kUnknownMoment}).has_snapshot_ended());
  EXPECT_EQ(sent({Observation::ViewLost{"stopping"}, kNow}).view_lost().reason(), "stopping");
}

TEST(ObservationMessage, an_age_of_nought_means_that_nobody_told) {
  EXPECT_EQ(sent({Observation::SnapshotEnded{}, kUnknownMoment}).age_ms(), 0u);
  EXPECT_EQ(sent({Observation::SnapshotEnded{}, kNow}).age_ms(), 1u);
  EXPECT_EQ(sent({Observation::SnapshotEnded{}, kNow + 1s}).age_ms(), 1u);
}

TEST(ObservationMessage, takes_no_more_bytes_than_were_reckoned) {
  const std::string domain(253, 'd');
  const Observation largest{Observation::Available{{std::string(1'023, 'x'), std::string(1'023, 'y')},
                                                   {Show::kDnd, -128, std::string(1'024, 's')}},
                            kNow - 240h};
  for (const auto& observation :
       {largest, Observation{Observation::Unavailable{{"a", "b"}, Departure::kLeft}, kNow - 240h},
        Observation{Observation::SnapshotBegan{}, kNow - 240h},
        Observation{Observation::ViewLost{"x"}, kNow - 240h}})
    EXPECT_LE(coded({1, 1, {&observation}}, domain, kNow).observations[0].size(),
              most_bytes(observation, domain.size()));
}

}  // namespace
}  // namespace rostrum::gateway
