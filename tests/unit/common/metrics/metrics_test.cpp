// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/metrics.hpp"

#include <ctime>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rostrum::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

double value_of(const std::string& exposition, const std::string& series) {
  const auto at = exposition.find("\n" + series + " ");
  if (at == std::string::npos) {
    ADD_FAILURE() << series << " is not in\n" << exposition;
    return 0;
  }
  return std::stod(exposition.substr(at + series.size() + 2));
}

TEST(Registry, shows_what_was_counted) {
  Registry registry;
  registry.counter("rostrum_events_total", "Events.", {{"outcome", "accepted"}}).add();
  registry.counter("rostrum_events_total", "Events.", {{"outcome", "accepted"}}).add(2);
  registry.counter("rostrum_events_total", "Events.", {{"outcome", "rejected"}});
  registry.gauge("rostrum_queue_bytes", "Queue.").set(17);
  auto& histogram = registry.histogram("rostrum_commit_seconds", "Commit.", {0.1, 1});
  histogram.observe(0.05);
  histogram.observe(0.5);
  const auto exposition = registry.exposition();
  EXPECT_EQ(value_of(exposition, R"(rostrum_events_total{outcome="accepted"})"), 3);
  EXPECT_EQ(value_of(exposition, R"(rostrum_events_total{outcome="rejected"})"), 0);
  EXPECT_EQ(value_of(exposition, "rostrum_queue_bytes"), 17);
  EXPECT_EQ(value_of(exposition, R"(rostrum_commit_seconds_bucket{le="0.1"})"), 1);
  EXPECT_EQ(value_of(exposition, "rostrum_commit_seconds_count"), 2);
}

TEST(Registry, gives_the_same_object_for_the_same_name_and_labels) {
  Registry registry;
  auto& first = registry.counter("rostrum_events_total", "Events.", {{"a", "1"}});
  EXPECT_EQ(&registry.counter("rostrum_events_total", "Events.", {{"a", "1"}}), &first);
  EXPECT_NE(&registry.counter("rostrum_events_total", "Events.", {{"a", "2"}}), &first);
}

TEST(Registry, escapes_the_values_of_labels) {
  Registry registry;
  registry.counter("rostrum_events_total", "Events.", {{"why", "a\"b\\c\nd"}}).add();
  EXPECT_THAT(registry.exposition(), HasSubstr(R"(rostrum_events_total{why="a\"b\\c\nd"} 1)"));
}

TEST(Registry, counts_from_several_threads) {
  Registry registry;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) registry.counter("rostrum_events_total", "Events.").add();
  });
  for (int i = 0; i < 1000; ++i) registry.counter("rostrum_events_total", "Events.").add();
  other.join();
  EXPECT_EQ(value_of(registry.exposition(), "rostrum_events_total"), 2000);
}

TEST(Registry, tells_about_the_process) {
  const auto exposition = Registry().exposition();
  EXPECT_GT(value_of(exposition, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value_of(exposition, "process_cpu_seconds_total"), 0);
  EXPECT_GE(value_of(exposition, "process_open_fds"), 3);
  EXPECT_NEAR(value_of(exposition, "process_start_time_seconds"), static_cast<double>(std::time(nullptr)),
              300);
  EXPECT_THAT(exposition, HasSubstr("rostrum_build_info{version=\""));
}

TEST(RegistryDeathTest, gives_a_name_one_meaning_only) {
  Registry registry;
  registry.counter("rostrum_events_total", "Events.");
  EXPECT_DEATH(registry.counter("rostrum_events_total", "Something else."), "invariant broken");
  registry.gauge("rostrum_depth", "Depth.");
  EXPECT_DEATH(registry.histogram("rostrum_depth", "Depth.", {1}), "invariant broken");
}

TEST(RegistryDeathTest, keeps_to_the_names_of_the_field) {
  Registry registry;
  EXPECT_DEATH(registry.counter("events_total", "No prefix."), "invariant broken");
  EXPECT_DEATH(registry.counter("rostrum_events", "No suffix."), "invariant broken");
  EXPECT_DEATH(registry.gauge("rostrum_depth_total", "A counter's suffix."), "invariant broken");
  EXPECT_DEATH(registry.gauge("rostrum_Depth", "Upper case."), "invariant broken");
  EXPECT_DEATH(registry.gauge("rostrum_depth", ""), "invariant broken");
  EXPECT_DEATH(registry.histogram("rostrum_commit_seconds", "Not ascending.", {1, 1}), "invariant broken");
}

}  // namespace
}  // namespace rostrum::metrics
