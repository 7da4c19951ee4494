// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/database/report.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::database {
namespace {

class DatabaseReport : public testing::Test {
 protected:
  /// Lines of the log meanwhile.
  template <class Act>
  std::string said(const Act& act) {
    testing::internal::CaptureStderr();
    act();
    return testing::internal::GetCapturedStderr();
  }
  void fail(const std::string& sqlstate) {
    worker.on_trouble({pg::remedy_of(sqlstate), sqlstate, "", "it took too long"});
  }
  [[nodiscard]] bool shows(const std::string& line) const {
    return registry.exposition().find(line) != std::string::npos;
  }

  test::FakeClock clock;
  log::Log log{"test", log::Format::kText, log::Level::kInfo};
  metrics::Registry registry;
  metrics::Health health{clock};
  Report report{log, registry, health.part("database"), clock, {"notification", "delivery"}};
  int ups = 0;
  int downs = 0;
  pg::Worker::Handlers worker = report.handlers([this] { ++ups; }, [this] { ++downs; });
};

TEST_F(DatabaseReport, tells_what_it_hears_on) {
  worker.on_up();
  EXPECT_TRUE(health.ready().good);
  worker.on_down("nobody listens");
  EXPECT_EQ(health.ready().text, "database: nobody listens\n");
  EXPECT_EQ(ups, 1);
  EXPECT_EQ(downs, 1);
}

TEST_F(DatabaseReport, of_work_that_is_repeated_says_so_at_once_and_now_and_then) {
  worker.on_up();
  EXPECT_NE(said([&] { fail("57014"); }).find("database_trouble"), std::string::npos);
  EXPECT_EQ(health.ready().text, "database: it took too long\n");
  EXPECT_EQ(downs, 0) << "it is there";
  EXPECT_EQ(said([&] {
              clock.advance(Report::kSayEvery - Milliseconds(1));
              fail("57014");
            }),
            "");
  const auto line = said([&] {
    clock.advance(Milliseconds(1));
    fail("57014");
  });
  EXPECT_NE(line.find("attempts=3 seconds=30"), std::string::npos) << line;
  EXPECT_TRUE(
      shows(R"(rostrum_notification_database_failures_total{connection="delivery",sqlstate="57014"} 3)"));
}

TEST_F(DatabaseReport, says_at_once_when_it_becomes_another_trouble) {
  fail("57014");
  EXPECT_NE(said([&] { fail("XX001"); }).find("XX001"), std::string::npos);
}

TEST_F(DatabaseReport, tells_when_it_is_over) {
  fail("57014");
  clock.advance(Milliseconds(5'000));
  EXPECT_NE(said([&] { worker.on_relief(); }).find("database_trouble_over"), std::string::npos);
  EXPECT_TRUE(health.ready().good);
  EXPECT_EQ(said([&] { worker.on_relief(); }), "");
}

TEST_F(DatabaseReport, has_its_name_before_there_is_any_trouble) {
  EXPECT_TRUE(
      shows(R"(rostrum_notification_database_failures_total{connection="delivery",sqlstate="none"} 0)"));
}

}  // namespace
}  // namespace rostrum::database
