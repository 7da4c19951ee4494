// SPDX-License-Identifier: GPL-3.0-or-later
// The real executable between a site, a gateway that the test plays, and a real PostgreSQL.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "common/bus/command_server.hpp"
#include "rostrum/publisher.hpp"
#include "tests/contract/bus/bus_fixture.hpp"
#include "tests/contract/registration/child.hpp"
#include "tests/support/database/database.hpp"

namespace rostrum::registration {
namespace {

using bus::CommandResult;
using Rows = std::vector<std::vector<std::string>>;
using Status = bus::EventOutcome::Status;
using test::Child;

class RegistrationService : public bus::test::BusTest {
 protected:
  struct Asked {
    Uuid id;
    v1::Command command;
  };

  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    database.emplace();
    for (const auto* folder : {"keys", "authorized_keys"})
      std::filesystem::create_directory(files.path_of(folder));
    write_key("registration");
    write_key("sealing");
    write_key("forum");
    authorize("forum", "member_upserted member_removed password_changed group_upserted group_removed");
    files.write("keys/gateway.public", server_.public_key.z85() + "\n");
    admit("registration", key("registration"), "create_account set_password remove_account");
    gateway.emplace(
        reactor_, random_, *authenticator_, bind_settings(),
        bus::CommandServer::Handlers{.on_command = [this](const Uuid& id, const v1::Command& command,
                                                          MonoTime) { take(id, command); }});
  }
  void TearDown() override {
    if (!HasFailure()) return;
    std::ostringstream log;
    log << std::ifstream(files.path_of("log")).rdbuf();
    std::cerr << "--- log of rostrum-registration ---\n" << log.str();
  }

  bus::KeyPair key(const std::string& name) const {
    return bus::read_secret_key(files.path_of("keys/" + name + ".secret")).value().duplicate();
  }
  void write_key(const std::string& name) {
    ASSERT_FALSE(bus::write_key_pair(files.path_of("keys/" + name), bus::make_key_pair()));
  }
  void authorize(const std::string& name, const std::string& allow) {
    files.write("authorized_keys/" + name, "key " + key(name).public_key.z85() + "\nallow " + allow + "\n");
  }

  /// Starts one instance and returns its endpoint.
  std::string start() {
    const int port = test::free_port();
    const std::string name = "rostrum-" + std::to_string(port) + ".toml";
    std::ostringstream toml;
    toml << "[registration]\nlisten = \"tcp://127.0.0.1:" << port
         << "\"\nhttp = \"127.0.0.1:" << test::free_port()
         << "\"\nsecret_key = \"keys/registration.secret\"\nauthorized_keys = "
            "\"authorized_keys\"\nsealing_key = \"keys/sealing.secret\"\n"
         << "database = \"" << database->conninfo("rostrum_registration") << "\"\ngateways = [\""
         << gateway->endpoint()
         << "\"]\ngateway_key = \"keys/gateway.public\"\ndomains = [\"example.org\"]\nreserved_jids = "
            "[\"site@example.org\"]\n";
    files.write(name, toml.str());
    children.push_back(std::make_unique<Child>(
        std::vector<std::string>{ROSTRUM_REGISTRATION, "--config", files.path_of(name)},
        files.path_of("log")));
    return "tcp://127.0.0.1:" + std::to_string(port);
  }
  void connect(const std::string& endpoint) {
    auto settings = connect_settings({endpoint}, key("forum"));
    settings.server = key("registration").public_key;
    site.emplace(reactor_, random_, std::move(settings));
    until(
        "registration takes events", [&] { return (*site)->credit() > 0; }, Milliseconds(20'000));
  }
  void start_and_connect() { connect(start()); }
  void wait_for_end(Child& child) {
    until("the service has ended", [&] { return child.ended(); });
  }

  void take(const Uuid& id, const v1::Command& command) {
    asked.push_back({id, command});
    if (answer_with) gateway->answer(id, *answer_with);
  }
  EventId publish(const std::string& subject, const std::function<void(v1::Event&)>& fill) {
    const auto id = EventId::make(clock_.wall(), random_);
    v1::Event event;
    event.set_id(id.to_bytes());
    event.set_subject(subject);
    event.set_revision(static_cast<std::uint64_t>(++revision));
    fill(event);
    EXPECT_EQ(site->offer(id, event), bus::Offer::kTaken);
    return id;
  }
  EventId state_member(const std::string& id, const std::string& password = "secret") {
    return publish(id, [&](v1::Event& event) {
      event.mutable_member_upserted()->set_jid(id + "@example.org");
      event.mutable_member_upserted()->set_sealed_password(bus::seal(password, key("sealing").public_key));
    });
  }
  void wait_for_outcomes(std::size_t count) {
    until("all have their outcome", [&] { return site->outcomes.size() >= count; });
  }
  void wait_for_state(const std::string& id, const std::string& state) {
    until(id + " is " + state, [&] { return account_state(id) == state; });
  }
  [[nodiscard]] std::string account_state(const std::string& id) const {
    return database->value("SELECT state FROM registration.account WHERE member_id = '" + id + "'");
  }

  const CommandResult done{CommandResult::Status::kDone, "", "", {}};
  test::TemporaryFolder files;
  std::optional<test::Database> database;
  std::optional<bus::CommandServer> gateway;
  std::optional<CommandResult> answer_with = done;
  std::vector<Asked> asked;
  std::vector<std::unique_ptr<Child>> children;
  std::optional<bus::test::Site> site;
  std::int64_t revision = 0;
};

TEST_F(RegistrationService, has_the_account_made_that_a_site_stated) {
  start_and_connect();
  state_member("anna", "anna's password");
  wait_for_outcomes(1);
  EXPECT_EQ(site->count(Status::kAccepted), 1U);
  wait_for_state("anna", "active");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].command.create_account().jid(), "anna@example.org");
  EXPECT_EQ(asked[0].command.create_account().password(), "anna's password");
}

TEST_F(RegistrationService, carries_a_member_through_its_whole_life) {
  start_and_connect();
  state_member("anna");
  wait_for_state("anna", "active");
  publish("anna", [&](v1::Event& event) {
    event.mutable_password_changed()->set_sealed_password(bus::seal("newer", key("sealing").public_key));
  });
  until("the password is set", [&] { return asked.size() == 2; });
  EXPECT_EQ(asked[1].command.set_password().password(), "newer");
  wait_for_state("anna", "active");
  publish("anna", [](v1::Event& event) { event.mutable_member_removed(); });
  wait_for_state("anna", "removed");
  EXPECT_TRUE(asked.at(2).command.has_remove_account());
  EXPECT_EQ(asked[2].command.remove_account().claim(), asked[0].command.create_account().claim());
}

TEST_F(RegistrationService, rejects_by_name_and_keeps_nothing_of_it) {
  start_and_connect();
  publish("site", [&](v1::Event& event) { event.mutable_member_upserted()->set_jid("site@example.org"); });
  publish("bob", [](v1::Event& event) { event.mutable_member_upserted()->set_jid("bob@example.org"); });
  publish("gateway's", [](v1::Event& event) { event.mutable_account_vanished(); });
  wait_for_outcomes(3);
  std::set<int> codes;
  for (const auto& outcome : site->outcomes) codes.insert(outcome.rejection_code);
  EXPECT_EQ(codes, (std::set<int>{v1::REJECTION_CODE_RESERVED_JID, v1::REJECTION_CODE_MISSING_FIELD,
                                  v1::REJECTION_CODE_NOT_AUTHORIZED}));
  EXPECT_EQ(
      database->value(
          "SELECT (SELECT count(*) FROM registration.ledger) + (SELECT count(*) FROM directory.member)"),
      "0");
}

TEST_F(RegistrationService, asks_again_when_the_gateway_could_not_start) {
  answer_with = CommandResult{CommandResult::Status::kRetry, "no-stream", "", {}};
  start_and_connect();
  state_member("anna");
  until("it was asked twice", [&] { return asked.size() >= 2; });
  answer_with = done;
  wait_for_state("anna", "active");
  std::set<std::string> claims;
  for (const auto& each : asked) claims.insert(each.command.create_account().claim());
  EXPECT_EQ(claims.size(), 1U);
}

TEST_F(RegistrationService, repeats_under_the_same_claim_what_a_killed_process_had_in_flight) {
  answer_with.reset();
  start_and_connect();
  state_member("anna");
  until("the command is in flight", [&] { return asked.size() == 1; });
  children.back()->signal(SIGKILL);
  wait_for_end(*children.back());
  EXPECT_EQ(account_state("anna"), "attempting");
  database->run("UPDATE registration.account SET due = now()");  // its hold is over
  answer_with = done;
  start();
  wait_for_state("anna", "active");
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].command.create_account().claim(), asked[1].command.create_account().claim());
}

TEST_F(RegistrationService, settles_what_is_in_flight_before_it_stops) {
  answer_with.reset();
  start_and_connect();
  state_member("anna");
  until("the command is in flight", [&] { return asked.size() == 1; });
  children.back()->signal(SIGTERM);
  turn_for(Milliseconds(300));
  EXPECT_FALSE(children.back()->ended());
  gateway->answer(asked[0].id, done);
  wait_for_end(*children.back());
  EXPECT_EQ(children.back()->exit_code(), 0);
  EXPECT_EQ(account_state("anna"), "active");
}

TEST_F(RegistrationService, loses_nothing_when_the_database_restarts_under_load) {
  start_and_connect();
  for (int i = 0; i < 300; ++i) {
    state_member("m" + std::to_string(i));
    if (i == 150) {
      turn_for(Milliseconds(20));
      test::lab("postgres restart");
    }
  }
  wait_for_outcomes(300);
  EXPECT_EQ(site->count(Status::kAccepted), 300U);
  until(
      "all are active",
      [&] {
        return database->value("SELECT count(*) FROM registration.account WHERE state = 'active'") == "300";
      },
      Milliseconds(40'000));
}

/// "Not now", told within a millisecond; how long it took at worst.
std::chrono::microseconds slowest_of_not_now(Publisher& publisher) {
  std::vector<std::chrono::microseconds> times;
  for (int i = 0; i < 1'001; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto ticket = publisher.publish(group_upserted("dark", "Dark"));
    times.push_back(std::chrono::ceil<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin));
    EXPECT_TRUE(ticket.outcome() && ticket.outcome()->status == Outcome::Status::kNotNow);
  }
  std::sort(times.begin(), times.end());
  EXPECT_LE(times[500], Milliseconds(1)) << "the middle one, for the machine may be busy";
  return times.back();
}

TEST_F(RegistrationService, gives_no_credit_while_the_database_is_away_and_loses_nothing_that_was_taken) {
  constexpr std::chrono::seconds kPatience(20);
  PublisherSettings settings{.source_key_file = files.path_of("keys/forum.secret")};
  settings.registration = {{start()}, files.path_of("keys/registration.public")};
  Publisher publisher(std::move(settings));
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  ASSERT_GT(publisher.flow().credit_events, 1'000U);
  std::vector<Ticket> taken;
  for (int i = 0; i < 300; ++i)
    taken.push_back(publisher.publish(group_upserted("taken" + std::to_string(i), "Taken")));

  const auto asked_to_stop = std::chrono::steady_clock::now();
  test::lab("postgres stop immediate");
  const auto stopped = std::chrono::steady_clock::now();
  while (publisher.flow().credit_events > 0)
    ASSERT_LT(std::chrono::steady_clock::now() - stopped, std::chrono::seconds(1));
  const auto withdrawn = std::chrono::steady_clock::now() - asked_to_stop;
  EXPECT_EQ(publisher.flow().credit_bytes, 0U);
  const auto slowest = slowest_of_not_now(publisher);
  std::cout << "without credit " << std::chrono::duration_cast<Milliseconds>(withdrawn).count()
            << " ms after PostgreSQL was asked to stop; \"not now\" within " << slowest.count()
            << " us, at worst of 1,001\n";
  EXPECT_FALSE(publisher.wait_for_credit(Milliseconds(2'500))) << "longer than signs of life are apart";

  test::lab("postgres start");
  ASSERT_TRUE(publisher.wait_for_credit(kPatience)) << "by itself";
  taken.push_back(publisher.publish(group_upserted("after", "After")));
  for (const auto& ticket : taken) {
    const auto outcome = ticket.wait_for(kPatience);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->status == Outcome::Status::kAccepted ||
                outcome->status == Outcome::Status::kDuplicate);
  }
  EXPECT_EQ(database->value("SELECT count(*) FROM directory.site_group"), "301");
}

TEST_F(RegistrationService, shares_the_work_of_one_database_between_two_instances) {
  start();
  start_and_connect();
  for (int i = 0; i < 200; ++i) state_member("m" + std::to_string(i));
  until(
      "all are active",
      [&] {
        return database->value("SELECT count(*) FROM registration.account WHERE state = 'active'") == "200";
      },
      Milliseconds(40'000));
  EXPECT_EQ(asked.size(), 200U) << "each once";
}

TEST_F(RegistrationService, singles_out_what_cannot_be_recorded_and_what_cannot_be_claimed) {
  database->run(
      "ALTER TABLE registration.account ADD CONSTRAINT not_active CHECK (member_id <> 'm3' OR state <> "
      "'active'), "
      "ADD CONSTRAINT not_attempted CHECK (member_id <> 'm7' OR state <> 'attempting')");
  start_and_connect();
  for (int i = 0; i < 20; ++i) state_member("m" + std::to_string(i));
  wait_for_outcomes(20);
  until(
      "all have ended",
      [&] {
        return database->value(
                   "SELECT count(*) FROM registration.account WHERE state IN ('requested', 'attempting')") ==
               "0";
      },
      Milliseconds(60'000));
  EXPECT_EQ(database->rows("SELECT member_id, reason, detail FROM registration.dead_letters ORDER BY 1"),
            (Rows{{"m3", "not-storable", "the database refuses it: 23514 (not_active)"},
                  {"m7", "not-storable", "the database refuses it: 23514 (not_attempted)"}}));
  EXPECT_EQ(database->value("SELECT count(*) FROM registration.account WHERE state = 'active'"), "18");
  EXPECT_FALSE(children.back()->ended());
}

TEST_F(RegistrationService, takes_any_words_of_a_gateway) {
  answer_with = CommandResult{
      CommandResult::Status::kFailed, std::string("bad\0condition", 13), std::string("a\0b \x1b[2J", 8), {}};
  start_and_connect();
  state_member("anna");
  wait_for_state("anna", "dead");
  EXPECT_EQ(database->rows("SELECT reason, detail FROM registration.dead_letters"),
            (Rows{{"bad?condition", "a?b ?[2J"}}));
}

}  // namespace
}  // namespace rostrum::registration
