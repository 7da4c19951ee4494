// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/core/expansion.hpp"

#include <gtest/gtest.h>

#include "common/base/random.hpp"
#include "tests/support/fake_clock.hpp"

namespace rostrum::notification {
namespace {

Expanding to_members(std::vector<std::string> ids) {
  Expanding notice;
  notice.audience = {AudienceKind::kMembers, std::move(ids)};
  return notice;
}

TEST(Expansion, pages_through_members_by_name) {
  auto notice = to_members({"anna", "berta", "carla", "dora", "emma"});
  std::vector<std::string> seen;
  for (bool complete = false; !complete;) {
    const auto page = next_page(notice, 2);
    EXPECT_LE(page.ids.size(), 2U);
    seen.insert(seen.end(), page.ids.begin(), page.ids.end());
    const auto step = after_page(notice, page, page.ids.size(), page.ids.back());
    notice.cursor = step.cursor;
    complete = step.complete;
  }
  EXPECT_EQ(seen, notice.audience.ids);
  EXPECT_EQ(notice.cursor, "emma");
}

TEST(Expansion, needs_no_empty_page_to_see_that_all_named_members_had_theirs) {
  const auto notice = to_members({"anna", "berta"});
  const auto page = next_page(notice, 2);
  EXPECT_TRUE(after_page(notice, page, 2, "berta").complete);
}

TEST(Expansion, resumes_at_the_cursor) {
  auto notice = to_members({"anna", "berta", "carla"});
  notice.cursor = "anna";
  EXPECT_EQ(next_page(notice, 10).ids, (std::vector<std::string>{"berta", "carla"}));
  notice.cursor = "carla";
  const auto page = next_page(notice, 10);
  EXPECT_TRUE(page.ids.empty());
  EXPECT_TRUE(after_page(notice, page, 0, "").complete);
}

TEST(Expansion, of_everybody_ends_with_the_first_page_that_is_not_full) {
  Expanding notice;
  const auto page = next_page(notice, 3);
  EXPECT_EQ(page.kind, AudienceKind::kAll);
  EXPECT_EQ(page.after, "");
  const auto full = after_page(notice, page, 3, "carla");
  EXPECT_FALSE(full.complete);
  EXPECT_EQ(full.cursor, "carla");
  notice.cursor = full.cursor;
  const auto last = after_page(notice, next_page(notice, 3), 0, "");
  EXPECT_TRUE(last.complete);
  EXPECT_EQ(last.cursor, "carla");
}

TEST(Expansion, of_groups_asks_for_all_groups_on_every_page) {
  Expanding notice;
  notice.audience = {AudienceKind::kGroups, {"board", "staff"}};
  notice.cursor = "zoe";
  const auto page = next_page(notice, 100);
  EXPECT_EQ(page.ids, notice.audience.ids);
  EXPECT_EQ(page.after, "zoe");
}

TEST(Turns, alerts_go_first_then_sources_take_turns_oldest_first) {
  SeededRandom random(1);
  std::vector<Expanding> notices;
  auto now = test::FakeClock::kStartWall;
  const auto add = [&](const char* source, Kind kind, const char* mark) {
    now += Milliseconds(1);
    notices.insert(notices.begin(), {Uuid::make_v7(now, random), source, kind, {}, mark});
  };
  add("forum", Kind::kAnnouncement, "f1");
  add("forum", Kind::kAlert, "F1");
  add("forum", Kind::kAlert, "F2");
  add("forum", Kind::kAlert, "F3");
  add("shop", Kind::kAlert, "S1");
  add("shop", Kind::kAnnouncement, "s1");
  add("forum", Kind::kAnnouncement, "f2");
  std::vector<std::string> order;
  for (const auto& notice : by_turns(notices)) order.push_back(notice.cursor);
  EXPECT_EQ(order, (std::vector<std::string>{"F1", "S1", "F2", "F3", "f1", "s1", "f2"}));
}

TEST(Turns, every_notice_gets_a_share_of_the_rows) {
  EXPECT_EQ(page_rows(1000, 1), 1000U);
  EXPECT_EQ(page_rows(1000, 4), 250U);
  EXPECT_EQ(page_rows(1000, 1000), 50U);
  EXPECT_EQ(page_rows(1000, 0), 1000U);
}

}  // namespace
}  // namespace rostrum::notification
