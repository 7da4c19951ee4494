// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <gtest/gtest.h>

#include "services/gateway/adapters/inspector.hpp"

namespace rostrum::gateway {
namespace {

const DoorDescription kTuned = {{"version", "1"},
                                {"server", "Prosody 0.12.3"},
                                {"stanza-size-limit", "65536"},
                                {"site", "site@x.org"},
                                {"control", "rostrum@x.org"},
                                {"site-unlimited", "yes"},
                                {"control-unlimited", "yes"},
                                {"gc", "incremental"},
                                {"gc-threshold", "400"},
                                {"presence-watch", "1"}};
constexpr ServerNeeds kNeeds{65'536, true};

bus::CommandResult::Finding finding(const DoorDescription& description, const std::string& name) {
  const auto findings = judge_description(description, "", kNeeds);
  const auto found =
      std::find_if(findings.begin(), findings.end(), [&](const auto& one) { return one.name == name; });
  EXPECT_NE(found, findings.end()) << name;
  return *found;
}

DoorDescription with(const std::string& name, const std::string& value) {
  auto description = kTuned;
  description[name] = value;
  return description;
}

TEST(Inspection, finds_nothing_to_mend_on_a_tuned_server) {
  for (const auto& one : judge_description(kTuned, "", kNeeds)) {
    EXPECT_TRUE(one.good) << one.name;
    EXPECT_EQ(one.remedy, "");
  }
}

TEST(Inspection, says_which_line_mends_what_it_finds) {
  EXPECT_EQ(finding(with("stanza-size-limit", "10000"), "stanza-size-limit").remedy,
            "c2s_stanza_size_limit = 65536");
  EXPECT_EQ(finding(with("site-unlimited", "no"), "site-not-rate-limited").remedy,
            "unlimited_jids = { \"site@x.org\", \"rostrum@x.org\" }");
  EXPECT_EQ(finding(with("gc-threshold", ""), "garbage-collector").remedy,
            "gc = { mode = \"incremental\", threshold = 400 }");
}

TEST(Inspection, looks_for_the_presence_watch_where_it_is_needed) {
  EXPECT_NE(finding(with("presence-watch", ""), "presence-watch").remedy.find("mod_rostrum"),
            std::string::npos);
  EXPECT_FALSE(finding(with("presence-watch", "2"), "presence-watch").good);
  EXPECT_EQ(judge_description(with("presence-watch", ""), "", {65'536, false}).size(),
            judge_description(kTuned, "", kNeeds).size() - 1);
}

TEST(Inspection, an_unfit_door_is_the_one_finding) {
  const auto findings = judge_description({}, "no door", kNeeds);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(findings[0].good);
}

}  // namespace
}  // namespace rostrum::gateway
