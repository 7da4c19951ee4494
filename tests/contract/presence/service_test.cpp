// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/presence/service.hpp"

#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

namespace rostrum::presence {
namespace {

using Status = bus::ObservationsStoredFrame::Status;

/// Members who come, change and go, as one gateway sees them.
class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : random_(seed) {}

  /// The next thing that happens; always a change.
  std::string next() {
    ++changes;
    const auto name = "member" + std::to_string(10 + random_.below(40)) + "/desk";
    auto& is = online_[name];
    if (is && random_.below(3) == 0) {
      is.reset();
      return Say::unavailable(name);
    }
    const auto before = is;
    while (is == before) is = static_cast<v1::Show>(v1::SHOW_ONLINE + random_.below(5));
    return Say::available(name, *is);
  }
  [[nodiscard]] std::string truth() const {
    static const std::map<v1::Show, std::string> kWords{{v1::SHOW_ONLINE, "online"},
                                                        {v1::SHOW_CHAT, "chat"},
                                                        {v1::SHOW_AWAY, "away"},
                                                        {v1::SHOW_XA, "xa"},
                                                        {v1::SHOW_DND, "dnd"}};
    std::string all;
    for (const auto& [name, is] : online_) {
      if (is) all += (all.empty() ? "" : ", ") + name + " " + kWords.at(*is);
    }
    return all;
  }
  int changes = 0;

 private:
  SeededRandom random_;
  std::map<std::string, std::optional<v1::Show>> online_;
};

class PresenceService : public Service {
 protected:
  /// ROSTRUM_SEED=17 replays what chance decided.
  static std::uint64_t seed() {
    const char* wanted =
        std::getenv("ROSTRUM_SEED");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
    return wanted == nullptr ? 1 : std::strtoull(wanted, nullptr, 10);
  }
  /// All that was told stands in the history, each once, and the table is what is true.
  void expect_everything_once(const Crowd& crowd) {
    EXPECT_EQ(online(), crowd.truth());
    const auto told = std::to_string(crowd.changes);
    EXPECT_EQ(database->rows("SELECT count(*), count(DISTINCT change), max(change) FROM presence.transition"),
              (Rows{{told, told, told}}));
    EXPECT_EQ(database->value("SELECT count(*) FROM presence.coverage"), "1")
        << "nobody lost sight of anything";
  }
};

TEST_F(PresenceService, stores_what_a_gateway_tells) {
  member("anna");
  member("ben");
  const auto teller = gateway();
  teller->sees({"anna/phone"});
  until("all is stored", [&] { return teller->all_is_stored(); });
  EXPECT_EQ(read("SELECT member_id, state FROM presence.member_now ORDER BY 1"),
            (Rows{{"anna", "online"}, {"ben", "offline"}}));
  teller->tell(Say::available("ben/desk", v1::SHOW_AWAY));
  teller->tell(Say::unavailable("anna/phone"));
  until("all is stored", [&] { return teller->all_is_stored(); });
  EXPECT_EQ(online(), "ben/desk away");
  EXPECT_EQ(value("SELECT owner FROM presence.domains"), "gateway");
}

TEST_F(PresenceService, refuses_a_second_gateway_until_the_first_gives_the_domain_back_or_falls_silent) {
  const auto first = gateway();
  until("the first owns it", [&] { return first->owns(); });
  const auto second = gateway();
  until("the second is refused", [&] { return !second->refusals.empty(); });
  EXPECT_EQ(second->refusals[0].owner, "gateway");
  EXPECT_LE(second->refusals[0].valid_ms, 3'000U);
  EXPECT_EQ(second->refusals[0].epoch, 1U);
  first->sees({"anna/phone"});
  first->tell(Say::lost("stopping"));
  first->release();  // in one breath
  until("the second owns it", [&] { return second->owns(); });
  EXPECT_EQ(database->value("SELECT reason FROM presence.coverage"), "stopping");
  second->falls_silent();
  const auto third = gateway();
  until("the third owns it", [&] { return third->owns(); });
  EXPECT_EQ(third->epoch(), 3U);
  second->tell(Say::began());
  until("the second is told that it is not the owner", [&] { return !second->owns(); });
  EXPECT_EQ(second->answers.back().status, Status::kStale);
}

TEST_F(PresenceService, closes_those_whom_a_new_snapshot_does_not_name) {
  const auto teller = gateway();
  teller->sees({"anna/phone", "ben/desk"});
  teller->tell(Say::lost("stream-lost"));
  teller->sees({"ben/desk"});
  until("anna's session is closed", [&] {
    return database->rows("SELECT jid, ending FROM presence.session") == Rows{{"anna@site.test", "unseen"}};
  });
  EXPECT_EQ(online(), "ben/desk online");
  until("it is counted", [&] { return metric(one, "rostrum_presence_swept_total") == 1; });
}

TEST_F(PresenceService, that_is_killed_at_random_moments_loses_and_doubles_nothing) {
  SCOPED_TRACE("replay with ROSTRUM_SEED=" + std::to_string(seed()));
  SeededRandom chance(seed());
  Crowd crowd(seed());
  const auto teller = gateway();
  teller->at_once = 20;
  teller->sees({});
  for (int death = 0; death < 4; ++death) {
    for (int i = 0; i < 400; ++i) teller->tell(crowd.next());
    const auto alive_until = teller->stored() + chance.below(400);
    until("some of it is stored", [&] { return teller->stored() >= alive_until || teller->all_is_stored(); });
    kill(one);
    start(one);
  }
  until("all is stored", [&] { return teller->all_is_stored(); });
  expect_everything_once(crowd);
}

TEST_F(PresenceService, waits_for_a_database_that_is_away_says_so_and_loses_nothing) {
  Crowd crowd(seed());
  const auto teller = gateway();
  teller->at_once = 20;
  teller->sees({});
  for (const auto* blow : {"postgres restart", "postgres kill9"}) {
    for (int i = 0; i < 300; ++i) teller->tell(crowd.next());
    until("some of it is stored", [&] { return teller->stored() > 100; });
    rostrum::test::lab(blow);
    if (std::string_view(blow) == "postgres kill9") {
      until("the intake is closed",
            [&] { return get(one, "/readyz").find("intake: closed") != std::string::npos; });
      rostrum::test::lab("postgres start");
    }
    until("all is stored", [&] { return teller->all_is_stored(); });
  }
  until("the service is ready", [&] { return get(one, "/readyz").starts_with("HTTP/1.1 200"); });
  expect_everything_once(crowd);
}

TEST_F(PresenceService, of_which_one_of_two_instances_dies_loses_nothing) {
  auto& other = another_instance();
  Crowd crowd(seed());
  const auto teller = gateway({&one, &other});
  teller->at_once = 20;
  teller->sees({});
  for (auto* dies : {&one, &other, &one}) {
    for (int i = 0; i < 300; ++i) teller->tell(crowd.next());
    const auto alive_until = teller->stored() + 100;
    until("some of it is stored", [&] { return teller->stored() >= alive_until || teller->all_is_stored(); });
    kill(*dies);
    until("all is stored", [&] { return teller->all_is_stored(); });
    start(*dies);
  }
  expect_everything_once(crowd);
  EXPECT_EQ(teller->epoch(), 1U) << "the gateway owned the domain all the time";
}

TEST_F(PresenceService, that_is_told_to_stop_stores_and_answers_what_it_has) {
  Crowd crowd(seed());
  const auto teller = gateway();
  teller->sees({});
  for (int i = 0; i < 2'000; ++i) teller->tell(crowd.next());
  EXPECT_EQ(stop(one), 0);
  const auto stored = database->value("SELECT last_sequence FROM presence.lease");
  until("what is stored is answered", [&] { return std::to_string(teller->stored()) == stored; });
  start(one);
  until("all is stored", [&] { return teller->all_is_stored(); });
  expect_everything_once(crowd);
}

TEST_F(PresenceService, leaves_out_what_it_cannot_believe_and_goes_on) {
  v1::Observation bell;
  bell.mutable_available()->set_jid("anna@site.test");
  bell.mutable_available()->set_resource("phone");
  bell.mutable_available()->set_show(v1::SHOW_ONLINE);
  bell.mutable_available()->set_status("hidden\x07");
  v1::Observation foreign = bell;
  foreign.mutable_available()->set_jid("anna@other.test");
  foreign.mutable_available()->set_status("");
  const auto teller = gateway();
  teller->tell(Say::began());
  for (const auto& bad : {std::string("\xff\xff\xff"), std::string(), bell.SerializeAsString(),
                          foreign.SerializeAsString(), v1::Observation().SerializeAsString()})
    teller->tell(bad);
  teller->tell(Say::available("ben/desk"));
  teller->tell(Say::ended());
  until("all is stored", [&] { return teller->all_is_stored(); });
  EXPECT_EQ(teller->stored(), 8U) << "each has its number";
  EXPECT_EQ(online(), "ben/desk online");
  EXPECT_EQ(metric(one, R"(rostrum_presence_observations_dropped_total{reason="malformed"})"), 4);
  EXPECT_EQ(metric(one, R"(rostrum_presence_observations_dropped_total{reason="foreign"})"), 1);
  EXPECT_NE(log(one).find("observations_disbelieved"), std::string::npos);
  EXPECT_EQ(log(one).find("hidden"), std::string::npos) << "never what a member wrote";
}

TEST_F(PresenceService, leaves_out_what_the_database_refuses_and_goes_on) {
  database->run("ALTER TABLE presence.resource ADD CONSTRAINT no_poison CHECK (status <> 'poison')");
  const auto teller = gateway();
  teller->tell(Say::began());
  for (int i = 10; i < 60; ++i) {
    teller->tell(
        Say::available("member" + std::to_string(i) + "/desk", v1::SHOW_ONLINE, i == 42 ? "poison" : "good"));
  }
  teller->tell(Say::ended());
  until("all is stored", [&] { return teller->all_is_stored(); });
  EXPECT_EQ(database->value("SELECT count(*) FROM presence.resource WHERE status = 'good'"), "49");
  EXPECT_EQ(metric(one, R"(rostrum_presence_observations_dropped_total{reason="malformed"})"), 1);
  EXPECT_NE(log(one).find("no_poison"), std::string::npos);
  EXPECT_EQ(log(one).find("poison'"), std::string::npos) << "never what a member wrote";
}

TEST_F(PresenceService, serves_only_its_domains_and_only_those_who_may_tell) {
  bus::ConnectSettings to_service{.endpoints = {"tcp://127.0.0.1:" + std::to_string(one.port)},
                                  .own = gateway_key.duplicate(),
                                  .server = service_key.public_key};
  ScriptedGateway elsewhere(reactor, random, std::move(to_service), "other.test");
  until("it is refused", [&] { return !elsewhere.refusals.empty(); });
  EXPECT_EQ(elsewhere.refusals[0].owner, "");
  EXPECT_EQ(database->value("SELECT count(*) FROM presence.lease"), "0");
  folder.write("presence/gateway", "key " + gateway_key.public_key.z85() + "\nallow receipt_received\n");
  until("its claims are refused",
        [&] { return metric(one, "rostrum_presence_frames_refused_total{rule=\"not_authorized\"}") > 0; });
}

TEST_F(PresenceService, counts_under_these_names) {
  member("anna");
  member("ben");
  const auto teller = gateway();
  teller->sees({"anna/phone", "anna/desk"});
  teller->tell(Say::available("anna/phone", v1::SHOW_AWAY));
  teller->tell(Say::unavailable("anna/desk"));
  until("all is stored", [&] { return teller->all_is_stored(); });
  const std::map<std::string, double> expected{
      {R"(rostrum_presence_observations_total{kind="available"})", 3},
      {R"(rostrum_presence_observations_total{kind="unavailable"})", 1},
      {R"(rostrum_presence_observations_total{kind="snapshot_began"})", 1},
      {R"(rostrum_presence_observations_total{kind="snapshot_ended"})", 1},
      {R"(rostrum_presence_observations_total{kind="view_lost"})", 0},
      {R"(rostrum_presence_observations_dropped_total{reason="repeat"})", 0},
      {R"(rostrum_presence_observations_dropped_total{reason="stale"})", 0},
      {R"(rostrum_presence_observations_dropped_total{reason="gap"})", 0},
      {R"(rostrum_presence_transitions_total{to="online"})", 2},
      {R"(rostrum_presence_transitions_total{to="changed"})", 1},
      {R"(rostrum_presence_transitions_total{to="offline"})", 1},
      {R"(rostrum_presence_claims_total{outcome="granted"})", 1},
      {R"(rostrum_presence_claims_total{outcome="refused"})", 0},
      {R"(rostrum_presence_claims_total{outcome="released"})", 0},
      {"rostrum_presence_intake_waiting", 0}};
  for (const auto& [series, count] : expected) EXPECT_EQ(metric(one, series), count) << series;
  EXPECT_GE(metric(one, R"(rostrum_presence_claims_total{outcome="renewed"})"), 0);
  EXPECT_GE(metric(one, "rostrum_presence_batch_observations_count"), 1);
  EXPECT_GE(metric(one, "rostrum_presence_commit_seconds_count"), 1);
  kill(one);
  start(one);  // the gauges are read at start, and every ten seconds
  until("the gauges are read",
        [&] { return metric(one, R"(rostrum_presence_members{state="online"})") == 1; });
  EXPECT_EQ(metric(one, R"(rostrum_presence_members{state="offline"})"), 1);
  EXPECT_EQ(metric(one, R"(rostrum_presence_members{state="unknown"})"), 0);
  EXPECT_EQ(metric(one, "rostrum_presence_resources"), 1);
  EXPECT_EQ(metric(one, R"(rostrum_presence_domain_known{domain="site.test"})"), 1);
}

}  // namespace
}  // namespace rostrum::presence
