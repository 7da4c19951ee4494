// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "common/bus/command_server.hpp"
#include "tests/contract/bus/bus_fixture.hpp"

namespace rostrum::bus::test {
namespace {

/// Whoever is not let in says why, and comes in by itself once he may.
class RefusedPeer : public BusTest {
 protected:
  static bool told(const Site& site, LinkTrouble trouble) {
    return std::any_of(site.links.begin(), site.links.end(),
                       [&](const LinkEvent& event) { return event.trouble == trouble; });
  }
  /// With the real deadline: a handshake without an answer takes three seconds.
  ConnectSettings patient(const std::string& endpoint, const KeyPair& own) const {
    auto settings = connect_settings({endpoint}, own);
    settings.answer_deadline = milliseconds{5'000};
    return settings;
  }
  void is_told(const Site& site, LinkTrouble trouble) {
    until("it says " + std::string(label(trouble)), [&] { return told(site, trouble); });
  }
};

TEST_F(RefusedPeer, of_an_unknown_key_says_so_and_is_back_within_seconds_once_it_is_granted) {
  admit("other", "member_removed");
  TakingIntake intake{reactor_, random_, *authenticator_, bind_settings()};
  const auto key = make_key_pair();
  Site site(reactor_, random_, connect_settings({intake->endpoint()}, key));
  is_told(site, LinkTrouble::kUnknownKey);
  admit("forum", key, "member_removed");
  until(
      "it is welcome", [&] { return site->connected(); }, milliseconds{10'000});
}

TEST_F(RefusedPeer, that_expects_another_key_of_the_service_says_so) {
  const auto forum = admit("forum", "member_removed");
  TakingIntake intake{reactor_, random_, *authenticator_, bind_settings()};
  auto settings = connect_settings({intake->endpoint()}, forum);
  settings.server = make_key_pair().public_key;
  Site site(reactor_, random_, std::move(settings));
  is_told(site, LinkTrouble::kServerKey);
}

TEST_F(RefusedPeer, that_gets_no_answer_because_keys_cannot_be_read_says_so_and_comes_in_when_they_can) {
  const auto forum = admit("forum", "member_removed");
  std::filesystem::permissions(authorized_.path(), std::filesystem::perms{0777});
  until("nobody's key is in force", [&] { return authenticator_->keys().size() == 0; });
  TakingIntake intake{reactor_, random_, *authenticator_, bind_settings()};
  Site site(reactor_, random_, patient(intake->endpoint(), forum));
  is_told(site, LinkTrouble::kSilentHandshake);
  std::filesystem::permissions(authorized_.path(), std::filesystem::perms{0700});
  until("it is welcome", [&] { return site->connected(); });
}

TEST_F(RefusedPeer, of_a_service_that_is_full_says_so_and_comes_in_when_there_is_room) {
  const auto forum = admit("forum", "member_removed");
  TakingIntake intake{reactor_, random_, *authenticator_,
                      bind_settings("tcp://127.0.0.1:*", {.max_peers = 1})};
  std::optional<Site> first(std::in_place, reactor_, random_, connect_settings({intake->endpoint()}, forum));
  until("the first is welcome", [&] { return (*first)->connected(); });
  Site second(reactor_, random_, connect_settings({intake->endpoint()}, forum));
  is_told(second, LinkTrouble::kTooManyPeers);
  first.reset();
  until("the second is welcome", [&] { return second->connected(); });
}

TEST_F(RefusedPeer, at_another_services_port_says_so) {
  const auto forum = admit("forum", "member_removed");
  CommandServer gateway(reactor_, random_, *authenticator_, bind_settings(),
                        {.on_command = [](const Uuid&, const v1::Command&, MonoTime) {}});
  Site site(reactor_, random_, connect_settings({gateway.endpoint()}, forum));
  is_told(site, LinkTrouble::kUnsupported);
}

TEST_F(RefusedPeer, whose_key_is_revoked_in_mid_stream_says_so_and_loses_nothing) {
  const auto forum = admit("forum", "member_removed");
  TakingIntake intake{reactor_, random_, *authenticator_, bind_settings()};
  Site site(reactor_, random_, connect_settings({intake->endpoint()}, forum));
  const auto publishes = [&](std::size_t events) {
    const auto wanted = site.offered.size() + events;
    until("the events are offered", [&] {
      if (site->credit() > 0) std::ignore = site.remove_member("anna");
      return site.offered.size() >= wanted;
    });
  };
  publishes(100);
  std::filesystem::remove(authorized_.path_of("forum"));
  until("it is said", [&] {
    if (site->credit() > 0) std::ignore = site.remove_member("anna");
    return told(site, LinkTrouble::kNotAuthorized) || told(site, LinkTrouble::kUnknownKey);
  });
  is_told(site, LinkTrouble::kUnknownKey);
  admit("forum", forum, "member_removed");
  publishes(100);
  until("all is answered", [&] { return site->unanswered() == 0; });
  EXPECT_EQ(site.count(EventOutcome::Status::kRejected), 0U);
  EXPECT_EQ(site.outcomes.size(), site.offered.size());
  for (const auto& id : site.offered) EXPECT_EQ(intake.taken.count(id), 1U);
}

}  // namespace
}  // namespace rostrum::bus::test
