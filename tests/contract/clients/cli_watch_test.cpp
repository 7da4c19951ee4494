// SPDX-License-Identifier: GPL-3.0-or-later
// The real executable, since it has to be ended by signals and to write line by line.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/contract/clients/presence_tables.hpp"
#include "tests/contract/registration/child.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::cli {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience(120);  // only ever waited for when something is wrong

void until(const std::string& what, const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("in vain: " + what);
    std::this_thread::sleep_for(milliseconds(10));
  }
}

class CliWatch : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "needs deploy/lab/with_lab.py --postgres";
    database_.emplace();
    tables_.emplace(*database_);
    tables_->add_member("anna", "editors");
    tables_->add_member("ben");
    tables_->see_all("now() - interval '1 hour'");
  }
  void watch(std::vector<std::string> words = {"--json"}) {
    const auto config = folder_.write(
        "rostrum.toml", "[cli]\ndatabase = \"" + database_->conninfo("rostrum_reader") + "\"\n");
    words.insert(words.begin(), {ROSTRUM_CLI, "--config", config, "watch"});
    rostrum_.emplace(words, folder_.path_of("out"));
  }
  [[nodiscard]] std::string output() const {
    std::ifstream file(folder_.path_of("out"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// The news so far; a line that is not finished does not count.
  [[nodiscard]] std::vector<Json> news() const {
    std::istringstream lines(output());
    std::vector<Json> all;
    for (std::string line; std::getline(lines, line) && !lines.eof();) all.push_back(Json::parse(line));
    return all;
  }
  [[nodiscard]] std::vector<Json> news(const std::string& event) const {
    auto all = news();
    std::erase_if(all, [&](const Json& item) { return item.at("event") != event; });
    return all;
  }
  void wait_for(const std::string& event, std::size_t count = 1) {
    until(std::to_string(count) + " " + event,
          [&] { return news(event).size() >= count || rostrum_->ended(); });
    ASSERT_FALSE(rostrum_->ended()) << output();
  }
  /// Ctrl-C, and the exit code.
  int interrupt() {
    rostrum_->signal(SIGINT);
    until("rostrum has ended", [this] { return rostrum_->ended(); });
    return rostrum_->exit_code();
  }
  /// Each number once and in order, from `first` on.
  static void expect_gapless(const std::vector<Json>& changes, std::int64_t first) {
    for (const auto& change : changes) ASSERT_EQ(change.at("change"), first++);
  }

  std::optional<test::Database> database_;
  std::optional<test::PresenceTables> tables_;
  test::TemporaryFolder folder_;
  std::optional<test::Child> rostrum_;
};

TEST_F(CliWatch, begins_with_what_is_and_tells_what_happens_as_it_happens) {
  tables_->is({.member = "anna", .show = "away"});
  watch();
  wait_for("live");
  EXPECT_EQ(news("domain").front().at("known"), true);
  ASSERT_EQ(news("device").size(), 1U);
  EXPECT_EQ(news("device").front().at("show"), "away");
  tables_->is({.member = "ben", .resource = "desk", .status = "hello"});
  wait_for("change");
  EXPECT_EQ(news("change").back().at("what"), "came");
  EXPECT_EQ(news("change").back().at("member_id"), "ben");
  tables_->is({.member = "ben", .resource = "desk", .show = "dnd"});
  tables_->goes("anna", "phone", "dropped");
  wait_for("change", 3);
  EXPECT_EQ(news("change")[1].at("what"), "changed");
  EXPECT_EQ(news("change")[2].at("what"), "dropped");
  EXPECT_EQ(interrupt(), 0);
}

TEST_F(CliWatch, has_no_gap_between_what_is_and_what_happens) {
  std::atomic<bool> go_on = true;
  std::thread writer([this, &go_on] {
    for (int i = 0; go_on; ++i) {
      const std::string device = "d" + std::to_string(i % 5);
      if (i % 7 == 6)
        tables_->goes("anna", device);
      else
        tables_->is({.member = "anna", .resource = device, .status = std::to_string(i)});
    }
  });
  until("some changes",
        [this] { return database_->value("SELECT last_change > 20 FROM presence.lease") == "t"; });
  watch();
  EXPECT_NO_THROW(wait_for("change", 50));
  go_on = false;
  writer.join();
  const auto last = std::stoll(database_->value("SELECT max(change) FROM presence.transition"));
  until("the last change", [&] { return news("change").back().at("change") == last; });
  EXPECT_EQ(interrupt(), 0);

  const std::int64_t first = news("domain").front().at("last_change");
  ASSERT_GT(first, 0);
  std::map<std::string, std::string> state;
  for (const auto& device : news("device")) state[device.at("resource")] = device.at("status");
  std::int64_t before = first;
  for (const auto& change : news("change")) {
    ASSERT_GT(change.at("change"), before);
    before = change.at("change");
    if (change.at("state") == "online")
      state[change.at("resource")] = change.at("status");
    else
      state.erase(change.at("resource"));
  }
  std::map<std::string, std::string> truth;
  for (const auto& row : database_->rows("SELECT resource, status FROM presence.resource"))
    truth[row[0]] = row[1];
  EXPECT_EQ(state, truth);
  EXPECT_EQ(
      std::to_string(news("change").size()),
      database_->value("SELECT count(*) FROM presence.transition WHERE change > " + std::to_string(first)));
}

TEST_F(CliWatch, misses_nothing_while_the_database_is_away) {
  watch();
  wait_for("live");
  tables_->is({.member = "anna"});
  wait_for("change");
  test::lab("postgres stop");
  wait_for("database");
  EXPECT_EQ(news("database").back().at("away"), true);
  test::lab("postgres start");
  for (const auto* show : {"away", "xa", "dnd"}) tables_->is({.member = "anna", .show = show});
  wait_for("change", 4);
  EXPECT_EQ(news("database").back().at("away"), false);
  EXPECT_EQ(news("database").size(), 2U);
  EXPECT_EQ(news("live").size(), 1U);
  expect_gapless(news("change"), 1);
  test::lab("postgres kill9");
  wait_for("database", 3);
  test::lab("postgres start");
  tables_->goes("anna", "phone");
  wait_for("change", 5);
  expect_gapless(news("change"), 1);
  EXPECT_EQ(interrupt(), 0);
}

TEST_F(CliWatch, tells_page_by_page_what_happened_while_it_was_held_up) {
  watch();
  wait_for("live");
  rostrum_->signal(SIGSTOP);
  database_->run(
      "INSERT INTO presence.transition (domain, change, at, jid, resource, show, priority, status, "
      "uncertain, epoch) "
      "SELECT 'site.test', i, now(), 'anna@site.test', 'phone', 'online', 0, i::text, false, 1 FROM "
      "generate_series(1, 2500) AS i; UPDATE presence.lease SET last_change = 2500");
  rostrum_->signal(SIGCONT);
  wait_for("change", 2'500);
  expect_gapless(news("change"), 1);
  EXPECT_EQ(interrupt(), 0);
}

TEST_F(CliWatch, tells_when_it_becomes_unknown_who_is_online_and_when_it_is_known_again) {
  tables_->is({.member = "anna"});
  watch();
  wait_for("live");
  tables_->fall_silent("now() - interval '1 second'");
  wait_for("domain", 2);
  EXPECT_EQ(news("domain").back().at("known"), false);
  EXPECT_EQ(news("domain").back().at("held"), false);
  tables_->see_all("now()", "gateway-2");
  wait_for("domain", 3);
  EXPECT_EQ(news("domain").back().at("known"), true);
  EXPECT_EQ(news("domain").back().at("owner"), "gateway-2");
  EXPECT_EQ(interrupt(), 0);
}

TEST_F(CliWatch, tells_of_a_loss_that_was_over_before_the_next_look) {
  watch();
  wait_for("live");
  database_->run(
      "UPDATE presence.coverage SET ended_at = now(), reason = 'stream-lost' WHERE ended_at IS NULL;"
      "UPDATE presence.lease SET covered_until = now(), whole_since = clock_timestamp(), snapshot = 2;"
      "INSERT INTO presence.coverage (domain, epoch, snapshot, began_at) SELECT domain, epoch, snapshot, "
      "whole_since "
      "FROM presence.lease");
  wait_for("domain", 3);
  EXPECT_EQ(news("domain")[1].at("known"), false);
  EXPECT_EQ(news("domain")[2].at("known"), true);
  EXPECT_EQ(interrupt(), 0);
}

TEST_F(CliWatch, begins_anew_where_the_database_has_gone_back) {
  tables_->is({.member = "anna"});
  tables_->is({.member = "ben"});
  watch();
  wait_for("live");
  database_->run(
      "UPDATE presence.lease SET last_change = 1; DELETE FROM presence.transition WHERE change = 2;"
      "DELETE FROM presence.resource WHERE jid = 'ben@site.test'");
  wait_for("live", 2);
  EXPECT_EQ(news("live").back().at("devices"), 1);
  tables_->is({.member = "ben"});
  wait_for("change");
  EXPECT_EQ(news("change").back().at("change"), 2);
  EXPECT_EQ(interrupt(), 0);
}

TEST_F(CliWatch, tells_of_a_group_or_a_member_alone) {
  for (const auto& filter :
       std::vector<std::vector<std::string>>{{"--group", "editors"}, {"--member", "anna"}}) {
    std::filesystem::remove(folder_.path_of("out"));
    watch({"--json", filter[0], filter[1]});
    wait_for("live");
    tables_->is({.member = "ben"});
    tables_->is({.member = "anna"});
    wait_for("change");
    EXPECT_EQ(news("change").front().at("member_id"), "anna");
    EXPECT_EQ(interrupt(), 0);
    tables_->goes("anna", "phone");
    tables_->goes("ben", "phone");
  }
  watch({"--group", "nobody"});
  until("it has ended", [this] { return rostrum_->ended(); });
  EXPECT_EQ(rostrum_->exit_code(), 1);
}

TEST_F(CliWatch, is_a_table_for_people_and_harmless) {
  tables_->is({.member = "anna", .status = "\x1b[2J\u202ehostile"});
  watch({});
  until("it is live",
        [this] { return output().find("-- 1 device; what happens follows") != std::string::npos; });
  tables_->goes("anna", "phone", "dropped");
  until("the change", [this] { return output().find("dropped") != std::string::npos; });
  tables_->fall_silent("now() - interval '1 second'");
  until("the silence", [this] { return output().find("site.test: UNKNOWN since ") != std::string::npos; });
  EXPECT_EQ(interrupt(), 0);
  const auto text = output();
  EXPECT_EQ(
      text.rfind("TIME                   MEMBER            DEVICE          EVENT     SHOW     STATUS\n", 0),
      0U)
      << text;
  EXPECT_NE(text.find("Z   anna              phone           is        online   ?[2J?hostile\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("Z   anna              phone           dropped   -        connection lost\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST_F(CliWatch, ends_well_when_it_is_asked_by_a_service_manager_too) {
  watch();
  wait_for("live");
  rostrum_->signal(SIGTERM);
  until("it has ended", [this] { return rostrum_->ended(); });
  EXPECT_EQ(rostrum_->exit_code(), 0);
}

}  // namespace
}  // namespace rostrum::cli
