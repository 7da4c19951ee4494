// SPDX-License-Identifier: GPL-3.0-or-later
// What a scrape shows, judged by Prometheus' own tool.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "common/metrics/metrics.hpp"

namespace rostrum::metrics {
namespace {

constexpr auto* kPromtool = "/usr/bin/promtool";

TEST(Exposition, is_clean_for_promtool) {
  if (!std::filesystem::exists(kPromtool))
    GTEST_SKIP() << kPromtool << " is not installed (package prometheus)";
  Registry registry;
  registry.counter("rostrum_events_total", "Events.", {{"outcome", "accepted"}, {"why", "a\"b\\c\nd"}}).add();
  registry.gauge("rostrum_queue_bytes", "Queue.").set(-1.5);
  registry.histogram("rostrum_commit_seconds", "Commit.", {0.001, 0.01, 0.1}).observe(2);

  std::string folder = testing::TempDir() + "rostrum-metrics-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/exposition") << registry.exposition();
  const auto command =
      std::string(kPromtool) + " check metrics <" + folder + "/exposition >" + folder + "/verdict 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);  // NOLINT: our own words only
  std::ostringstream verdict;
  verdict << std::ifstream(folder + "/verdict").rdbuf();
  EXPECT_EQ(verdict.str(), "");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace rostrum::metrics
