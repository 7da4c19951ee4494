// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/observation_reader.hpp"

#include <gtest/gtest.h>

#include "rostrum/v1/presence.pb.h"
#include "tests/support/presence/told.hpp"

namespace rostrum::presence {
namespace {

using namespace test;

v1::Observation told_available(const std::string& jid = "anna@site.test",
                               const std::string& resource = "phone") {
  v1::Observation told;
  told.set_age_ms(1'500);
  auto& available = *told.mutable_available();
  available.set_jid(jid);
  available.set_resource(resource);
  available.set_show(v1::SHOW_AWAY);
  available.set_priority(-5);
  available.set_status("In a meeting");
  return told;
}

v1::Observation told_unavailable(v1::Ending ending) {
  v1::Observation told;
  told.mutable_unavailable()->set_jid("anna@site.test");
  told.mutable_unavailable()->set_resource("phone");
  told.mutable_unavailable()->set_ending(ending);
  return told;
}

Result<Observation, ReadError> read(const v1::Observation& told) {
  return read_observation(told.SerializeAsString(), kDomain);
}

/// "" if it is believed.
std::string flaw_of(const v1::Observation& told) {
  const auto observation = read(told);
  if (observation) return "";
  return (observation.error().flaw == Flaw::kForeign ? "foreign " : "malformed ") + observation.error().text;
}

template <class Change>
std::string flaw_after(const Change& change) {
  auto told = told_available();
  change(*told.mutable_available());
  return flaw_of(told);
}

TEST(ObservationReader, reads_a_resource_that_is_there) {
  const auto observation = read(told_available()).value();
  EXPECT_EQ(observation.age, Milliseconds(1'500));
  const auto& available = std::get<Available>(observation.what);
  EXPECT_EQ(available.who, key("anna/phone"));
  EXPECT_EQ(available.appearance, appearance(Show::kAway, -5, "In a meeting"));
}

TEST(ObservationReader, reads_every_show_and_every_ending) {
  const std::vector<std::pair<v1::Show, Show>> shows{{v1::SHOW_ONLINE, Show::kOnline},
                                                     {v1::SHOW_CHAT, Show::kChat},
                                                     {v1::SHOW_AWAY, Show::kAway},
                                                     {v1::SHOW_XA, Show::kXa},
                                                     {v1::SHOW_DND, Show::kDnd}};
  for (const auto& [told, meant] : shows) {
    auto observation = told_available();
    observation.mutable_available()->set_show(told);
    EXPECT_EQ(std::get<Available>(read(observation).value().what).appearance.show, meant);
  }
  EXPECT_EQ(std::get<Unavailable>(read(told_unavailable(v1::ENDING_LEFT)).value().what).ending,
            Ending::kLeft);
  EXPECT_EQ(std::get<Unavailable>(read(told_unavailable(v1::ENDING_DROPPED)).value().what).ending,
            Ending::kDropped);
}

TEST(ObservationReader, takes_no_age_for_longer_than_a_year) {
  EXPECT_EQ(read_age(0), Milliseconds(0));
  EXPECT_EQ(read_age(1'500), Milliseconds(1'500));
  EXPECT_EQ(read_age(~std::uint64_t{0}), std::chrono::hours(24 * 366));
}

TEST(ObservationReader, reads_the_marks) {
  v1::Observation told;
  told.mutable_snapshot_began();
  EXPECT_TRUE(std::holds_alternative<SnapshotBegan>(read(told).value().what));
  told.mutable_snapshot_ended();
  EXPECT_TRUE(std::holds_alternative<SnapshotEnded>(read(told).value().what));
  told.mutable_view_lost()->set_reason("stream-lost");
  EXPECT_EQ(std::get<ViewLost>(read(told).value().what).reason, "stream-lost");
}

TEST(ObservationReader, believes_a_loss_whatever_its_reason_looks_like) {
  v1::Observation told;
  told.mutable_view_lost()->set_reason(std::string("stop\nping\x01") + std::string(500, 'x'));
  const auto reason = std::get<ViewLost>(read(told).value().what).reason;
  EXPECT_EQ(reason, "stop?ping?" + std::string(118, 'x'));
}

TEST(ObservationReader, knows_no_age_where_nobody_told_one) {
  auto told = told_available();
  told.set_age_ms(0);
  EXPECT_FALSE(read(told).value().age);
}

TEST(ObservationReader, believes_no_age_beyond_a_year) {
  auto told = told_available();
  told.set_age_ms(~std::uint64_t{0});
  EXPECT_EQ(read(told).value().age, Milliseconds(std::chrono::hours(24 * 366)));
}

TEST(ObservationReader, refuses_addresses_that_are_none) {
  for (const char* jid : {"", "anna", "site.test", "anna@site.test/phone", "Anna@site.test",
                          "an na@site.test", "anna@site test", "anna@@site.test", "\xff@site.test"}) {
    EXPECT_TRUE(flaw_of(told_available(jid)).starts_with("malformed ")) << jid;
  }
}

TEST(ObservationReader, refuses_whoever_is_of_another_domain) {
  for (const char* jid : {"anna@other.test", "anna@sub.site.test", "anna@test"}) {
    EXPECT_TRUE(flaw_of(told_available(jid)).starts_with("foreign ")) << jid;
  }
}

TEST(ObservationReader, refuses_resources_that_no_database_and_no_stanza_could_hold) {
  EXPECT_EQ(flaw_of(told_available("anna@site.test", std::string(1'023, 'r'))), "");
  for (const auto& resource :
       {std::string(), std::string(1'024, 'r'), std::string("a\0b", 3), std::string("\x07")}) {
    EXPECT_TRUE(flaw_of(told_available("anna@site.test", resource)).starts_with("malformed resource"));
  }
}

TEST(ObservationReader, refuses_texts_priorities_and_shows_that_are_not_allowed) {
  using Told = v1::ResourceAvailable;
  EXPECT_EQ(flaw_after([](Told& told) { told.set_status(std::string(1'024, 's')); }), "");
  EXPECT_EQ(flaw_after([](Told& told) { told.set_status("two\nlines\tand a tab"); }), "");
  EXPECT_NE(flaw_after([](Told& told) { told.set_status(std::string(1'025, 's')); }), "");
  EXPECT_NE(flaw_after([](Told& told) { told.set_status("\x1b[2J"); }), "");
  EXPECT_NE(flaw_after([](Told& told) { told.set_status("\xEF\xBF\xBF"); }), "") << "U+FFFF";
  EXPECT_EQ(flaw_after([](Told& told) { told.set_priority(127); }), "");
  EXPECT_NE(flaw_after([](Told& told) { told.set_priority(128); }), "");
  EXPECT_NE(flaw_after([](Told& told) { told.set_priority(-129); }), "");
  EXPECT_NE(flaw_after([](Told& told) { told.set_show(v1::SHOW_UNSPECIFIED); }), "");
  EXPECT_NE(flaw_after([](Told& told) { told.set_show(static_cast<v1::Show>(99)); }), "");
  EXPECT_NE(flaw_of(told_unavailable(v1::ENDING_UNSPECIFIED)), "");
}

TEST(ObservationReader, refuses_what_it_does_not_know) {
  EXPECT_NE(flaw_of(v1::Observation()), "");
  EXPECT_EQ(read_observation("\xff\xff", kDomain).error().flaw, Flaw::kMalformed);
}

TEST(ObservationReader, never_says_what_the_member_wrote) {
  EXPECT_EQ(flaw_after([](v1::ResourceAvailable& told) { told.set_status("secret\x07"); }),
            "malformed status: byte 6: a character that XML 1.0 does not allow (U+0007)");
  EXPECT_EQ(flaw_of(told_available("Anna@site.test")).find("nna"), std::string::npos);
}

}  // namespace
}  // namespace rostrum::presence
