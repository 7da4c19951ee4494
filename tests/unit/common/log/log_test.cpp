// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/log/log.hpp"

#include <algorithm>
#include <sstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace rostrum::log {
namespace {

TEST(Log, writes_lines_of_its_level_and_above_to_standard_error) {
  testing::internal::CaptureStderr();
  {
    Log log("gateway", Format::kText, Level::kWarning);
    log.debug("packet_seen");
    log.info("stream_opened");
    log.warning("stream_lost", {{"attempt", 2}});
    log.error("gave_up");
  }
  const auto written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 2);
  EXPECT_NE(written.find("Z WARNING gateway stream_lost attempt=2\n"), std::string::npos);
  EXPECT_NE(written.find("Z ERROR gateway gave_up\n"), std::string::npos);
}

TEST(Log, takes_no_value_for_a_format) {
  testing::internal::CaptureStderr();
  Log("x", Format::kText, Level::kInfo).info("happened", {{"value", "{}%n%v{0}"}});
  EXPECT_NE(testing::internal::GetCapturedStderr().find("value={}%n%v{0}\n"), std::string::npos);
}

TEST(Log, keeps_the_lines_of_several_threads_whole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  testing::internal::CaptureStderr();
  {
    Log log("x", Format::kText, Level::kInfo);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&log] {
        for (int line = 0; line < kLines; ++line)
          log.info("happened", {{"filler", std::string(300, 'f')}, {"end", "here"}});
      });
    }
    for (auto& thread : threads) thread.join();
  }
  std::istringstream lines(testing::internal::GetCapturedStderr());
  int whole = 0;
  for (std::string line; std::getline(lines, line);)
    whole += line.starts_with("20") && line.ends_with("end=here") ? 1 : 0;
  EXPECT_EQ(whole, kThreads * kLines);
}

TEST(Log, lives_beside_another_of_the_same_name) {
  testing::internal::CaptureStderr();
  Log first("x", Format::kText, Level::kInfo);
  Log second("x", Format::kText, Level::kInfo);
  first.info("one");
  second.info("two");
  const auto written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 2);
}

}  // namespace
}  // namespace rostrum::log
