// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/link_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::service {
namespace {

using bus::LinkEvent;
using bus::LinkTrouble;
using std::chrono::minutes;
using std::chrono::seconds;

class LinkNewsTest : public testing::Test {
 protected:
  bool fails(LinkTrouble trouble, const std::string& at = "a") {
    return news_.worth_a_line({LinkEvent::Kind::kLost, at, "no", trouble}, clock_.mono());
  }
  bool connects(const std::string& at = "a") {
    return news_.worth_a_line({LinkEvent::Kind::kConnected, at, "known as gateway"}, clock_.mono());
  }
  test::FakeClock clock_;
  LinkNews news_;
};

TEST_F(LinkNewsTest, are_worth_a_line_when_they_change_something_and_not_for_every_attempt) {
  EXPECT_TRUE(fails(LinkTrouble::kUnreachable));
  EXPECT_FALSE(fails(LinkTrouble::kUnreachable));
  EXPECT_TRUE(fails(LinkTrouble::kUnknownKey));
  EXPECT_FALSE(fails(LinkTrouble::kUnknownKey));
  EXPECT_TRUE(connects());
  EXPECT_TRUE(fails(LinkTrouble::kNotAuthorized));
  EXPECT_TRUE(fails(LinkTrouble::kNotAuthorized, "b")) << "of each address";
}

TEST_F(LinkNewsTest, are_told_again_now_and_then_while_they_go_on) {
  EXPECT_TRUE(fails(LinkTrouble::kUnknownKey));
  clock_.advance(minutes(10) - seconds(1));
  EXPECT_FALSE(fails(LinkTrouble::kUnknownKey));
  clock_.advance(seconds(1));
  EXPECT_TRUE(fails(LinkTrouble::kUnknownKey));
}

TEST_F(LinkNewsTest, name_the_trouble_and_what_to_do_while_no_connection_stands) {
  EXPECT_FALSE(news_.trouble().empty());
  std::ignore = fails(LinkTrouble::kUnknownKey);
  EXPECT_THAT(news_.trouble(), testing::HasSubstr("rostrum key grant"));
  std::ignore = connects("b");
  EXPECT_EQ(news_.trouble(), "") << "one of a pool is enough";
  std::ignore = fails(LinkTrouble::kNone, "b");
  EXPECT_FALSE(news_.trouble().empty());
}

TEST(LinkTroubles, have_words_and_a_remedy) {
  for (int i = 0; i <= static_cast<int>(LinkTrouble::kFrameRefused); ++i) {
    EXPECT_FALSE(label(static_cast<LinkTrouble>(i)).empty());
    EXPECT_FALSE(remedy(static_cast<LinkTrouble>(i)).empty());
  }
}

TEST(LinkReport, counts_by_destination_and_reason) {
  test::FakeClock clock;
  log::Log log("test", log::Format::kText, log::Level::kError);
  metrics::Registry registry;
  LinkReport report(log, registry, clock, "gateway", "presence");
  report.hear({LinkEvent::Kind::kRefused, "a", "no", LinkTrouble::kUnknownKey});
  report.hear({LinkEvent::Kind::kRefused, "a", "no", LinkTrouble::kUnknownKey});
  report.hear({LinkEvent::Kind::kConnected, "a", "known as gateway"});
  EXPECT_THAT(registry.exposition(),
              testing::HasSubstr(
                  R"(rostrum_gateway_link_failures_total{destination="presence",reason="unknown_key"} 2)"));
  EXPECT_THAT(
      registry.exposition(),
      testing::HasSubstr(R"(rostrum_gateway_link_failures_total{destination="presence",reason="lost"} 0)"));
}

}  // namespace
}  // namespace rostrum::service
