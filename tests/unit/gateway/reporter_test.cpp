// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/reporter.hpp"

#include <gtest/gtest.h>

#include "common/base/random.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/gateway/presence_service.hpp"

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;
using test::PresenceService;

ResourceName named(std::string_view text) {
  const auto slash = text.find('/');
  return {text.substr(0, slash), text.substr(slash + 1)};
}

/// A reporter between a domain and a presence service; frames travel when the test says so.
class ReporterTest : public testing::Test {
 protected:
  void owns(std::uint64_t epoch) {
    service.begin_epoch(epoch);
    EXPECT_TRUE(reporter.own(epoch, 0));
  }
  void sees(std::initializer_list<std::string_view> names) {
    reporter.see(ViewBegan{}, clock.mono());
    for (const auto name : names) comes(name);
    reporter.see(ViewWhole{}, clock.mono());
  }
  void comes(std::string_view name, ResourceState state = {}) {
    EXPECT_EQ(reporter.see(Came{named(name), std::move(state), clock.mono()}, clock.mono()), std::nullopt);
  }
  void goes(std::string_view name) { reporter.see(Went{named(name), Departure::kLeft}, clock.mono()); }
  void view_is_lost(const std::string& reason = "stream-lost") {
    reporter.see(ViewLost{reason}, clock.mono());
  }

  /// Takes what may be told onto the link.
  void sends(std::size_t most = 1'000) {
    while (const auto frame = reporter.next_frame(most, 100'000))
      link.push_back(PresenceService::copy_of(*frame));
  }
  void service_takes_one() {
    const auto frame = link.front();
    link.erase(link.begin());
    const auto answer = service.take(frame);
    if (answer == PresenceService::Answer::kStored) reporter.stored(frame.epoch, service.last_sequence);
    if (answer == PresenceService::Answer::kMissing) reporter.missed(frame.epoch, service.last_sequence);
  }
  /// Until nobody has anything to say.
  void all_goes_through(std::size_t most = 1'000) {
    for (sends(most); !link.empty(); sends(most)) service_takes_one();
  }
  void link_breaks() {
    link.clear();
    reporter.link_lost();
  }
  /// False: the service is not where it could be, and the gateway owns the domain in a new epoch, with a new
  /// view of it.
  bool link_stands_again() {
    if (reporter.own(service.epoch, service.last_sequence)) return true;
    reporter.disown();
    owns(service.epoch + 1);
    return false;
  }
  std::string tells(std::size_t most = 1'000) {
    service.story.clear();
    all_goes_through(most);
    return service.story;
  }

  test::FakeClock clock;
  Reporter reporter{11, {.resources = 1'000, .pending = 10, .in_flight = 100}};
  PresenceService service;
  std::vector<PresenceService::Frame> link;
};

TEST_F(ReporterTest, tells_everybody_in_a_snapshot_and_then_changes) {
  owns(1);
  sees({"anna/phone", "ben/desk"});
  EXPECT_FALSE(reporter.whole());
  EXPECT_EQ(tells(), "[ +anna/phone +ben/desk ] ");
  EXPECT_TRUE(reporter.whole());
  comes("carla/web");
  goes("ben/desk");
  EXPECT_EQ(tells(), "+carla/web -ben/desk ");
  EXPECT_TRUE(reporter.at_rest());
}

TEST_F(ReporterTest, says_nothing_before_it_owns_the_domain_and_before_the_view_is_whole) {
  reporter.see(ViewBegan{}, clock.mono());
  comes("anna/phone");
  EXPECT_EQ(tells(), "");
  owns(1);
  EXPECT_EQ(tells(), "");
  comes("ben/desk");
  EXPECT_EQ(tells(), "");
  reporter.see(ViewWhole{}, clock.mono());
  EXPECT_EQ(tells(), "[ +anna/phone +ben/desk ] ");
}

TEST_F(ReporterTest, tells_every_change_in_its_order) {
  owns(1);
  sees({"anna/phone"});
  tells();
  comes("anna/phone", {.status = "one"});
  comes("anna/phone", {.status = "two"});
  comes("ben/desk");
  goes("ben/desk");
  EXPECT_EQ(tells(), "+anna/phone +anna/phone +ben/desk -ben/desk ");
  EXPECT_EQ(service.online().at("anna/phone").status, "two");
}

TEST_F(ReporterTest, a_snapshot_is_paged_and_changes_overtake_what_is_left_of_it) {
  owns(1);
  sees({"a/1", "b/1", "c/1", "d/1"});
  const auto first = reporter.next_frame(3, 100'000);
  ASSERT_TRUE(first);
  link.push_back(PresenceService::copy_of(*first));
  goes("a/1");
  goes("d/1");
  comes("e/1");
  EXPECT_EQ(tells(2), "[ +a/1 +b/1 -a/1 -d/1 +e/1 +c/1 +e/1 ] ");
}

TEST_F(ReporterTest, an_unchanged_presence_is_not_told_again) {
  owns(1);
  sees({"anna/phone"});
  tells();
  comes("anna/phone");
  goes("ben/desk");
  EXPECT_EQ(tells(), "");
}

TEST_F(ReporterTest, says_when_the_view_is_lost_and_everything_when_it_is_back) {
  owns(1);
  sees({"anna/phone", "ben/desk"});
  tells();
  goes("ben/desk");
  view_is_lost();
  EXPECT_EQ(tells(), "-ben/desk lost:stream-lost ");
  view_is_lost();
  EXPECT_EQ(tells(), "");
  sees({"carla/web"});
  EXPECT_EQ(tells(), "[ +carla/web ] ");
  EXPECT_EQ(service.online().size(), 1u);
}

TEST_F(ReporterTest, a_view_that_was_lost_before_anything_was_told_of_it_leaves_no_trace) {
  owns(1);
  sees({"anna/phone"});
  view_is_lost();
  sees({"anna/phone"});
  comes("ben/desk");
  view_is_lost();
  EXPECT_EQ(tells(), "lost:stream-lost ");
}

TEST_F(ReporterTest, what_happens_after_the_view_was_back_is_not_told_as_if_it_had_been_before) {
  owns(1);
  sees({"anna/phone"});
  tells();
  link_breaks();
  comes("ben/desk");
  view_is_lost();
  sees({"anna/phone", "ben/desk"});
  goes("ben/desk");
  link_stands_again();
  EXPECT_EQ(tells(), "+ben/desk lost:stream-lost [ -ben/desk +anna/phone ] ");
}

TEST_F(ReporterTest, a_view_lost_in_the_middle_of_its_snapshot_never_ends_it) {
  owns(1);
  sees({"a/1", "b/1", "c/1"});
  link.push_back(PresenceService::copy_of(*reporter.next_frame(2, 100'000)));
  view_is_lost();
  EXPECT_EQ(tells(), "[ +a/1 lost:stream-lost ");
  EXPECT_FALSE(service.whole);
}

TEST_F(ReporterTest, says_again_under_the_same_number_what_a_lost_link_took_along) {
  owns(1);
  sees({"anna/phone"});
  tells();
  comes("ben/desk");
  comes("carla/web");
  sends(1);
  ASSERT_EQ(link.size(), 2u);
  service.take(link[0]);  // and the answer is lost
  link_breaks();
  comes("dora/x");
  EXPECT_EQ(tells(), "");
  link_stands_again();
  sends();
  ASSERT_EQ(link.size(), 1u);
  EXPECT_EQ(link[0].first_sequence, service.last_sequence + 1);
  EXPECT_EQ(tells(), "+carla/web +dora/x ");
}

// The history must not look as if nothing had happened while nobody could be told.
TEST_F(ReporterTest, keeps_every_change_while_there_is_no_link) {
  owns(1);
  sees({"anna/phone"});
  tells();
  link_breaks();
  goes("anna/phone");
  comes("anna/phone");
  comes("ben/desk");
  goes("ben/desk");
  EXPECT_EQ(reporter.pending(), 4u);
  link_stands_again();
  EXPECT_EQ(tells(), "-anna/phone +anna/phone +ben/desk -ben/desk ");
}

TEST_F(ReporterTest, knows_since_when_it_is_behind) {
  owns(1);
  sees({});
  all_goes_through();
  EXPECT_EQ(reporter.behind_since(), kUnknownMoment);
  clock.advance(1s);
  const auto first = clock.mono();
  comes("anna/phone");
  clock.advance(1s);
  comes("ben/desk");
  EXPECT_EQ(reporter.behind_since(), first) << "not told";
  sends(1);
  EXPECT_EQ(reporter.behind_since(), first) << "not stored";
  service_takes_one();
  EXPECT_EQ(reporter.behind_since(), first + 1s);
  all_goes_through();
  EXPECT_EQ(reporter.behind_since(), kUnknownMoment);
}

TEST_F(ReporterTest, is_not_behind_with_what_has_long_been_so) {
  owns(1);
  sees({"anna/phone"});
  clock.advance(48h);
  reporter.see(ViewWhole{}, clock.mono());  // all of it is told again
  sends();
  EXPECT_EQ(reporter.behind_since(), kUnknownMoment);
}

TEST_F(ReporterTest, says_since_when_the_service_misses_something_whatever_becomes_of_the_view) {
  for (const bool is_lost_meanwhile : {false, true}) {
    owns(service.epoch + 1);
    sees({"anna/phone"});
    all_goes_through();
    clock.advance(1s);
    const auto missed = clock.mono();
    goes("anna/phone");
    sends();
    link.clear();
    reporter.missed(service.epoch, service.last_sequence);
    clock.advance(60s);
    if (is_lost_meanwhile) view_is_lost();
    EXPECT_EQ(reporter.behind_since(), missed) << "not told";
    const auto frame = reporter.next_frame(1, 100'000);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->observations.front()->happened, missed);
    EXPECT_EQ(reporter.behind_since(), missed) << "not stored";
    link.push_back(PresenceService::copy_of(*frame));
    all_goes_through();
    EXPECT_EQ(reporter.behind_since(), kUnknownMoment);
    reporter.disown();
  }
}

TEST_F(ReporterTest, takes_a_new_snapshot_when_too_much_waits) {
  owns(1);
  sees({"anna/phone"});
  tells();
  link_breaks();
  std::ignore = reporter.take_snapshots();
  for (int i = 0; i < 11; ++i) comes("m" + std::to_string(i) + "/x");
  goes("m0/x");
  EXPECT_LE(reporter.pending(), 10u);
  EXPECT_EQ(reporter.take_snapshots(), std::vector{SnapshotReason::kOverflow});
  link_stands_again();
  EXPECT_TRUE(tells().starts_with("lost:overflow [ "));
  EXPECT_EQ(service.online().size(), 11u);
  EXPECT_TRUE(service.whole);
}

TEST_F(ReporterTest, an_overflow_is_dated_from_the_first_change_that_was_given_up) {
  owns(1);
  sees({"anna/phone"});
  tells();
  link_breaks();
  clock.advance(Milliseconds{1'000});
  const auto first_lost = clock.mono();
  for (int i = 0; i < 30; ++i) {
    comes("m" + std::to_string(i) + "/x");
    clock.advance(Milliseconds{1'000});
  }
  link_stands_again();
  const auto frame = reporter.next_frame(1, 100'000);
  ASSERT_TRUE(frame);
  EXPECT_EQ(label(frame->observations.front()->what), "view_lost");
  EXPECT_EQ(frame->observations.front()->happened, first_lost);
}

TEST_F(ReporterTest, takes_a_new_snapshot_when_the_service_misses_something) {
  owns(1);
  sees({"anna/phone"});
  tells();
  comes("ben/desk");
  sends();
  link.clear();  // nobody knows how
  comes("carla/web");
  sends();
  comes("dora/x");
  sends();
  ASSERT_EQ(link.size(), 2u);
  service_takes_one();
  EXPECT_FALSE(reporter.next_frame(1'000, 100'000)) << "the other frame has no answer yet";
  service_takes_one();
  link_breaks();  // the lost frame's answer never comes; the link cannot lose one and go on
  link_stands_again();
  tells();
  EXPECT_EQ(service.online().size(), 4u);
  EXPECT_TRUE(service.whole);
}

TEST_F(ReporterTest, begins_anew_behind_what_the_service_still_has) {
  owns(1);
  sees({"anna/phone", "ben/desk"});
  tells();
  const auto backup = service;
  comes("carla/web");
  tells();
  service = backup;
  comes("dora/x");
  EXPECT_EQ(tells(), "[ +anna/phone +ben/desk +carla/web +dora/x ] ");
  link_breaks();
  service = backup;
  EXPECT_FALSE(link_stands_again());
  sees({"anna/phone", "dora/x"});
  EXPECT_EQ(tells(), "[ +anna/phone +dora/x ] ");
}

TEST_F(ReporterTest, a_new_epoch_begins_with_nothing) {
  owns(1);
  sees({"anna/phone"});
  sends();
  link.clear();
  reporter.disown();
  EXPECT_EQ(reporter.table().size(), 0u);
  owns(2);
  sees({"ben/desk"});
  reporter.stored(1, 3);
  reporter.missed(1, 0);
  EXPECT_EQ(tells(), "[ +ben/desk ] ");
  EXPECT_EQ(service.epoch, 2u);
}

TEST_F(ReporterTest, has_no_more_unanswered_than_allowed) {
  owns(1);
  reporter.see(ViewBegan{}, clock.mono());
  for (int i = 0; i < 500; ++i) comes("m" + std::to_string(i) + "/x");
  reporter.see(ViewWhole{}, clock.mono());
  sends(30);
  EXPECT_EQ(reporter.unconfirmed(), 100u);
  all_goes_through(30);
  EXPECT_EQ(service.online().size(), 500u);
}

TEST_F(ReporterTest, keeps_to_the_bytes_of_a_frame) {
  owns(1);
  sees({});
  tells();
  for (int i = 0; i < 5; ++i) comes("m" + std::to_string(i) + "/x", {.status = std::string(1'000, 'x')});
  EXPECT_EQ(reporter.next_frame(10, 2'500)->observations.size(), 2u);
  EXPECT_EQ(reporter.next_frame(10, 10)->observations.size(), 1u);
  EXPECT_EQ(reporter.next_frame(0, 10'000), std::nullopt);
}

TEST_F(ReporterTest, an_old_copy_changes_nothing_and_a_new_one_does) {
  owns(1);
  sees({});
  comes("anna/phone", {.status = "new"});
  tells();
  const auto copy = [&](const std::string& status, Milliseconds age) {
    return reporter.see(Came{named("anna/phone"), {.status = status}, clock.mono() - age, true},
                        clock.mono());
  };
  EXPECT_EQ(copy("old", 1s), Distrust::kDelayed);
  EXPECT_EQ(tells(), "");
  clock.advance(1min);
  EXPECT_EQ(copy("old", 61s), Distrust::kDelayed);
  EXPECT_EQ(copy("newer", 30s), std::nullopt);
  EXPECT_EQ(tells(), "+anna/phone ");
  EXPECT_EQ(service.online().at("anna/phone").status, "newer");
}

TEST_F(ReporterTest, an_account_that_vanished_takes_all_its_resources_along) {
  owns(1);
  sees({"anna/phone", "anna/desk", "annabel/x"});
  tells();
  reporter.see(Vanished{"anna"}, clock.mono());
  EXPECT_EQ(tells(), "-anna/desk -anna/phone ");
}

TEST_F(ReporterTest, says_when_a_thing_happened) {
  owns(1);
  reporter.see(ViewBegan{}, clock.mono());
  EXPECT_EQ(reporter.see(Came{named("a/1"), {}, clock.mono() - 5s}, clock.mono()), std::nullopt);
  EXPECT_EQ(reporter.see(Came{named("b/1"), {}, kUnknownMoment}, clock.mono()), std::nullopt);
  reporter.see(ViewWhole{}, clock.mono());
  const auto frame = reporter.next_frame(10, 100'000);
  ASSERT_EQ(frame->observations.size(), 4u);
  EXPECT_EQ(frame->observations[1]->happened, clock.mono() - 5s);
  EXPECT_EQ(frame->observations[2]->happened, kUnknownMoment);
}

/// Changes, lost links, lost views, new owners and restored backups in any order: once all is quiet the
/// service has exactly what the domain is.
class ReporterStormTest : public ReporterTest {
 protected:
  void step(SeededRandom& chance) {
    const auto name = "m" + std::to_string(chance.below(8)) + "/" + std::to_string(chance.below(2));
    switch (chance.below(20)) {
      case 0:
        link_breaks();
        connected = false;
        break;
      case 1:
        if (!connected && owned) stands_again();
        connected = true;
        break;
      case 2:
        if (seeing) view_is_lost();
        seeing = false;
        break;
      case 3:
        look();
        break;
      case 4:
        if (!connected) break;
        if (owned) reporter.disown();
        link.clear();
        owns(++epoch);
        owned = true;
        seeing = false;
        break;
      case 5:
        if (chance.below(3) == 0) backup = service;
        if (chance.below(8) == 0 && backup.epoch == service.epoch) service = backup;
        break;
      case 6:
      case 7:
      case 8:
        if (connected && owned) sends(1 + chance.below(5));
        break;
      case 9:
      case 10:
      case 11:
      case 12:
        if (connected && !link.empty()) service_takes_one();
        break;
      case 13:
      case 14:
        if (domain.erase(name) == 1 && seeing) goes(name);
        break;
      default:
        domain[name] = {.status = std::to_string(chance.below(5))};
        if (seeing) comes(name, domain[name]);
    }
  }
  void stands_again() {
    if (link_stands_again()) return;
    epoch = service.epoch;
    seeing = false;
  }
  void look() {
    if (seeing || !owned) return;
    reporter.see(ViewBegan{}, clock.mono());
    for (const auto& [name, state] : domain) comes(name, state);
    reporter.see(ViewWhole{}, clock.mono());
    seeing = true;
  }

  std::map<std::string, ResourceState> domain;
  PresenceService backup;
  std::uint64_t epoch = 0;
  bool connected = true;
  bool owned = false;
  bool seeing = false;
};

TEST_F(ReporterStormTest, whatever_happened_the_service_ends_with_the_truth) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom chance(seed);
    service.story.clear();
    for (int i = 0; i < 200; ++i) {
      step(chance);
      clock.advance(Milliseconds{chance.below(1'000)});
    }
    if (!owned) owns(++epoch);
    owned = true;
    link_breaks();
    stands_again();
    connected = true;
    look();
    all_goes_through(3);
    ASSERT_TRUE(service.whole);
    ASSERT_EQ(service.online(), domain) << service.story;
    ASSERT_TRUE(reporter.at_rest());
  }
}

// A frame that another instance holds still would be stored in the place of what has its number then.
TEST_F(ReporterTest, gives_no_number_twice_in_an_epoch_when_the_service_has_lost_its_place) {
  owns(1);
  sees({"anna/phone", "ben/desk"});
  all_goes_through();
  ASSERT_EQ(service.last_sequence, 4u);
  for (const std::uint64_t restored_to : {2u, 5u}) {
    link_breaks();
    EXPECT_FALSE(reporter.own(1, restored_to));
    goes("ben/desk");
    sends();
    EXPECT_TRUE(link.empty()) << "nothing under this epoch any more";
  }
  reporter.disown();
  owns(2);
  sees({"anna/phone"});
  EXPECT_EQ(tells(), "[ +anna/phone ] ");
}

}  // namespace
}  // namespace rostrum::gateway
