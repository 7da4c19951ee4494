// SPDX-License-Identifier: Apache-2.0
#include "common/bus/observation_frames.hpp"

#include <gtest/gtest.h>

#include "common/base/random.hpp"
#include "common/bus/frames.hpp"
#include "rostrum/v1/bus.pb.h"

namespace rostrum::bus {
namespace {

template <class Kind>
Kind round_trip(const Kind& frame) {
  const auto decoded = decode(encode(frame));
  EXPECT_TRUE(decoded);
  return std::get<Kind>(*decoded);
}

TEST(ObservationFrames, come_back_from_bytes_as_they_were) {
  EXPECT_EQ(round_trip(HelloFrame{1, LinkKind::kObservation}).link, LinkKind::kObservation);
  EXPECT_EQ(round_trip(RefusalFrame{RefusalCode::kNotAuthorized, "no"}).code, RefusalCode::kNotAuthorized);
  const auto claim = round_trip(LeaseClaimFrame{"example.org",
                                                std::string("0\0"
                                                            "234567890abcdef",
                                                            16),
                                                7, 1'500});
  EXPECT_EQ(claim.domain, "example.org");
  EXPECT_EQ(claim.token, std::string("0\0"
                                     "234567890abcdef",
                                     16));
  EXPECT_EQ(claim.number, 7U);
  EXPECT_EQ(claim.behind_ms, 1'500U);
  const auto release = round_trip(LeaseReleaseFrame{"example.org", 1ULL << 40});
  EXPECT_EQ(release.domain, "example.org");
  EXPECT_EQ(release.epoch, 1ULL << 40);
  const auto answer =
      round_trip(LeaseAnswerFrame{"example.org", 7, true, 3, 1ULL << 41, 10'000, "gateway-2"});
  EXPECT_EQ(answer.domain, "example.org");
  EXPECT_EQ(answer.number, 7U);
  EXPECT_TRUE(answer.granted);
  EXPECT_EQ(answer.epoch, 3U);
  EXPECT_EQ(answer.last_sequence, 1ULL << 41);
  EXPECT_EQ(answer.valid_ms, 10'000U);
  EXPECT_EQ(answer.owner, "gateway-2");
}

TEST(ObservationFrames, keep_each_observation_byte_by_byte_and_in_order) {
  const std::vector<std::string> seen{"first", std::string("\0\xff", 2), ""};
  const auto frame = round_trip(ObservationsFrame{"example.org", 3, 11, seen});
  EXPECT_EQ(frame.domain, "example.org");
  EXPECT_EQ(frame.epoch, 3U);
  EXPECT_EQ(frame.first_sequence, 11U);
  EXPECT_EQ(frame.observations, seen);
}

TEST(ObservationFrames, tell_what_became_of_them_in_one_of_three_ways) {
  using Status = ObservationsStoredFrame::Status;
  for (const auto status : {Status::kStored, Status::kStale, Status::kGap}) {
    const auto stored = round_trip(ObservationsStoredFrame{"example.org", 3, status, 12});
    EXPECT_EQ(stored.domain, "example.org");
    EXPECT_EQ(stored.epoch, 3U);
    EXPECT_EQ(stored.status, status);
    EXPECT_EQ(stored.last_sequence, 12U);
  }
  v1::Frame later;
  later.mutable_observations_stored()->set_status(static_cast<v1::StoreStatus>(77));
  EXPECT_FALSE(decode(later.SerializeAsString())) << "an answer that cannot be understood is none";
}

TEST(ObservationFrames, survive_being_cut_and_bent_in_any_way) {
  const std::vector<Frame> frames{
      LeaseClaimFrame{"example.org", std::string(16, 't'), 7}, LeaseReleaseFrame{"example.org", 3},
      LeaseAnswerFrame{"example.org", 7, true, 3, 5, 10'000, "gateway"},
      ObservationsFrame{"example.org", 3, 11, {"first", "second"}},
      ObservationsStoredFrame{"example.org", 3, ObservationsStoredFrame::Status::kGap, 12}};
  const std::uint64_t seed = 31;
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  for (const auto& frame : frames) {
    const std::string whole = encode(frame);
    for (std::size_t size = 0; size < whole.size(); ++size) static_cast<void>(decode(whole.substr(0, size)));
    for (int i = 0; i < 2'000; ++i) {
      std::string bent = whole;
      for (auto changes = 1 + random.below(3); changes > 0; --changes)
        bent[random.below(bent.size())] = static_cast<char>(random.below(256));
      if (const auto decoded = decode(bent)) static_cast<void>(encode(*decoded));  // ASan and UBSan look on
    }
  }
}

}  // namespace
}  // namespace rostrum::bus
