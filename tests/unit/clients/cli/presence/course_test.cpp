// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/presence/course.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "clients/cli/presence/changes.hpp"

namespace rostrum::cli {
namespace {

/// A moment of one day, by its hour.
std::string at(const std::string& hour) {
  return "2026-11-25T" + hour + "+00:00";
}

Json coverage(const Json& lost_at, const std::string& began, const Json& ended) {
  return {{"began_at", at(began)},
          {"ended_at", ended.is_null() ? Json() : Json(at(ended.get<std::string>()))},
          {"reason", "stream-lost"},
          {"lost_at", lost_at.is_null() ? Json() : Json(at(lost_at.get<std::string>()))},
          {"lost_seconds", 60}};
}

Json change(const std::string& hour) {
  return {{"at", at(hour)}, {"resource", "phone"}};
}

/// "08:00:00 view_whole, …"
std::string told(const Json& course) {
  std::string text;
  for (const auto& entry : course) {
    text += (text.empty() ? "" : ", ") + entry.at("at").get<std::string>().substr(11, 8) + " " +
            entry.at("kind").get<std::string>();
  }
  return text;
}

TEST(Course, puts_losses_of_our_view_between_the_changes) {
  const Json coverages{coverage(nullptr, "08:00:00", "10:00:00"), coverage("10:00:00", "10:01:00", nullptr)};
  EXPECT_EQ(told(course_of({change("09:00:00"), change("11:00:00")}, coverages, at("07:00:00"))),
            "08:00:00 view_whole, 09:00:00 change, 10:00:00 view_lost, 10:01:00 view_whole, 11:00:00 change");
}

TEST(Course, tells_a_loss_before_what_was_unseen_since) {
  const Json coverages{coverage(nullptr, "08:00:00", "10:00:00"), coverage("10:00:00", "10:01:00", nullptr)};
  EXPECT_EQ(told(course_of({change("10:00:00"), change("10:01:00")}, coverages, at("09:00:00"))),
            "10:00:00 view_lost, 10:00:00 change, 10:01:00 view_whole, 10:01:00 change");
}

TEST(Course, begins_with_a_loss_that_was_still_on) {
  const Json coverages{coverage(nullptr, "08:00:00", "10:00:00"), coverage("10:00:00", "12:00:00", nullptr)};
  EXPECT_EQ(told(course_of(Json::array(), coverages, at("11:00:00"))),
            "10:00:00 view_lost, 12:00:00 view_whole");
  EXPECT_EQ(told(course_of(Json::array(), coverages, at("13:00:00"))), "");
  EXPECT_EQ(told(course_of(Json::array(), Json::array({coverages[0]}), at("13:00:00"))),
            "10:00:00 view_lost");
}

TEST(Course, orders_moments_with_and_without_fractions) {
  const Json early{{"at", "2026-11-25T09:00:00+00:00"}, {"resource", "a"}};
  const Json later{{"at", "2026-11-25T09:00:00.05+00:00"}, {"resource", "b"}};
  const Json latest{{"at", "2026-11-25T09:00:00.5+00:00"}, {"resource", "c"}};
  const auto course = course_of({latest, later, early}, Json::array(), at("00:00:00"));
  EXPECT_EQ(course[0].at("resource"), "a");
  EXPECT_EQ(course[1].at("resource"), "b");
  EXPECT_EQ(course[2].at("resource"), "c");
}

TEST(Change, has_a_word_for_everything_that_can_happen) {
  const auto online = [](const Json& before) {
    return Json{{"state", "online"}, {"before", before}, {"ending", nullptr}, {"status", "hello"}};
  };
  EXPECT_EQ(word_of(online(nullptr)), "came");
  EXPECT_EQ(word_of(online("offline")), "came");
  EXPECT_EQ(word_of(online("online")), "changed");
  EXPECT_EQ(detail_of(online("online")), "hello");
  const auto offline = [](const char* ending) {
    return Json{{"state", "offline"}, {"before", "online"}, {"ending", ending}, {"status", ""}};
  };
  EXPECT_EQ(word_of(offline("left")), "left");
  EXPECT_EQ(detail_of(offline("left")), "");
  EXPECT_EQ(detail_of(offline("dropped")), "connection lost");
  EXPECT_EQ(word_of(offline("unseen")), "unseen");
  EXPECT_NE(detail_of(offline("unseen")), "");
}

TEST(Change, marks_a_moment_that_is_a_guess) {
  const Json row{{"at", at("09:00:00")}, {"none", nullptr}, {"uncertain", true}};
  EXPECT_EQ(moment_cell(row, "at"), "~2026-11-25 09:00:00Z");
  EXPECT_EQ(moment_cell(row, "none"), "");
}

}  // namespace
}  // namespace rostrum::cli
