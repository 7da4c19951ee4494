// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/verdict.hpp"

#include <gtest/gtest.h>

#include "common/intake/ledger.hpp"
#include "tests/support/fake_clock.hpp"

namespace rostrum::intake {
namespace {

class VerdictTest : public testing::Test {
 protected:
  Identity event(const std::string& source = "forum", const std::string& digest = "one") {
    return {EventId::make(clock.wall(), random), source, digest};
  }

  test::FakeClock clock;
  SeededRandom random{1};
};

TEST_F(VerdictTest, every_event_is_the_first_of_its_own_id) {
  const std::vector<Identity> events{event(), event(), event()};
  EXPECT_EQ(find_firsts(events), (std::vector<std::size_t>{0, 1, 2}));
}

TEST_F(VerdictTest, a_repeat_points_to_the_first_but_another_source_s_same_id_does_not) {
  std::vector<Identity> events{event(), event()};
  events.push_back(events[1]);
  events.push_back(events[1]);
  events.back().source = "shop";
  EXPECT_EQ(find_firsts(events), (std::vector<std::size_t>{0, 1, 1, 3}));
}

TEST_F(VerdictTest, a_repeat_is_a_duplicate_of_what_was_taken) {
  const auto first = event();
  EXPECT_EQ(verdict_of_repeat(first, first, Verdict::accepted()).status, Verdict::Status::kDuplicate);
  EXPECT_EQ(verdict_of_repeat(first, first, Verdict::duplicate()).status, Verdict::Status::kDuplicate);
}

TEST_F(VerdictTest, a_repeat_of_what_was_rejected_is_rejected_alike) {
  const auto first = event();
  const auto verdict =
      verdict_of_repeat(first, first, Verdict::rejected({v1::REJECTION_CODE_INVALID_JID, "jid"}));
  ASSERT_EQ(verdict.status, Verdict::Status::kRejected);
  EXPECT_EQ(verdict.rejection->code, v1::REJECTION_CODE_INVALID_JID);
}

TEST_F(VerdictTest, the_same_id_with_other_content_is_reused) {
  const auto first = event();
  auto other = first;
  other.digest = "two";
  EXPECT_EQ(verdict_of_repeat(other, first, Verdict::accepted()).rejection->code,
            v1::REJECTION_CODE_ID_REUSED);
}

TEST_F(VerdictTest, a_digest_is_sixteen_bytes_of_the_content) {
  EXPECT_EQ(digest_of("").size(), 16U);
  EXPECT_EQ(digest_of("a"), digest_of("a"));
  EXPECT_NE(digest_of("a"), digest_of("b"));
}

TEST_F(VerdictTest, a_publisher_hears_of_its_own_event_and_why_it_was_rejected) {
  using Status = bus::EventIntake::Conclusion::Status;
  const bus::ReceivedEvent received{{7}, event().id, "forum", "member_removed", ""};
  const auto rejected = conclusion_of(received, Verdict::rejected({v1::REJECTION_CODE_ID_REUSED, "twice"}));
  EXPECT_EQ(rejected.peer.value, 7U);
  EXPECT_EQ(rejected.id, received.id);
  EXPECT_EQ(rejected.status, Status::kRejected);
  EXPECT_EQ(rejected.rejection_code, v1::REJECTION_CODE_ID_REUSED);
  EXPECT_EQ(rejected.text, "twice");
  EXPECT_EQ(conclusion_of(received, Verdict::accepted()).status, Status::kAccepted);
  EXPECT_EQ(conclusion_of(received, Verdict::duplicate()).status, Status::kDuplicate);
}

}  // namespace
}  // namespace rostrum::intake
