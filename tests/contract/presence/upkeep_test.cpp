// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/presence/service.hpp"

namespace rostrum::presence {
namespace {

/// What the service does beside storing what it is told.
class PresenceUpkeep : public Service {
 protected:
  static bool history_is_kept(const Instance& instance) {
    return metric(instance, "rostrum_presence_history_kept_timestamp_seconds") > 0;
  }
  /// As if the service had not run for months.
  void drop_months() const {
    for (const auto& row : database->rows("SELECT inhrelid::regclass::text, '' FROM pg_inherits WHERE "
                                          "inhparent IN ('presence.transition'::regclass, "
                                          "'presence.session'::regclass) AND inhrelid::regclass::text !~ "
                                          "'default'"))
      database->run("DROP TABLE " + row[0]);
  }
};

TEST_F(PresenceUpkeep, is_waited_for_by_nobody_while_a_reader_holds_the_tables) {
  until("the history is kept", [&] { return history_is_kept(one); });
  kill(one);
  drop_months();
  const auto other = database->connect("postgres");
  pqxx::work report(*other);
  report.exec("SELECT count(*) FROM presence.transition, presence.session");
  start(one);
  const auto teller = gateway();
  teller->sees({"anna/phone"});
  until("the history is not kept", [&] { return log(one).find("history_not_kept") != std::string::npos; });
  teller->tell(Say::unavailable("anna/phone"));
  until("all is stored", [&] { return teller->all_is_stored(); });
  EXPECT_EQ(teller->epoch(), 1U);
  EXPECT_FALSE(history_is_kept(one));
  EXPECT_EQ(log(one).find("database_down"), std::string::npos) << "nor of its other connection";
  EXPECT_EQ(database->value("SELECT count(*) FROM presence.session_default"), "1");
  report.commit();
  kill(one);
  start(one);  // it tries again after some minutes, and at start
  until("the history is kept", [&] { return history_is_kept(one); });
  EXPECT_EQ(database->value("SELECT count(*) FROM presence.session_default"), "0");
}

TEST_F(PresenceUpkeep, knows_of_nobody_while_the_database_is_away) {
  member("anna");
  member("ben");
  const auto teller = gateway();
  teller->sees({"anna/phone"});
  until("all is stored", [&] { return teller->all_is_stored(); });
  const auto known = [&] { return metric(one, R"(rostrum_presence_domain_known{domain="site.test"})"); };
  const auto members = [&](const std::string& state) {
    return metric(one, "rostrum_presence_members{state=\"" + state + "\"}");
  };
  until("it is counted", [&] { return known() == 1; });
  EXPECT_EQ(members("online"), 1);
  rostrum::test::lab("postgres kill9");
  until("it is not known", [&] { return known() == 0; });
  EXPECT_EQ(members("online"), 0);
  EXPECT_EQ(members("offline"), 0);
  EXPECT_EQ(members("unknown"), 2);
  EXPECT_EQ(metric(one, "rostrum_presence_resources"), 0);
  rostrum::test::lab("postgres start");
  until("it is known again", [&] { return known() == 1; });
  EXPECT_EQ(members("unknown"), 0);
}

TEST_F(PresenceUpkeep, says_once_that_a_domain_is_not_served) {
  bus::ConnectSettings to_service{.endpoints = {"tcp://127.0.0.1:" + std::to_string(one.port)},
                                  .own = gateway_key.duplicate(),
                                  .server = service_key.public_key};
  ScriptedGateway elsewhere(reactor, random, std::move(to_service), "other.test");
  for (std::size_t times = 1; times <= 3; ++times) {
    until("it is refused", [&] { return elsewhere.refusals.size() >= times; });
    elsewhere.claim();
  }
  const auto said = log(one);
  const auto first = said.find("domain_not_served");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(said.find("other.test", first), std::string::npos);
  EXPECT_EQ(said.find("domain_not_served", first + 1), std::string::npos);
}

}  // namespace
}  // namespace rostrum::presence
