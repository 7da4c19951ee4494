// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/frame.hpp"

#include <csignal>
#include <string>

#include <gtest/gtest.h>

namespace rostrum::service {
namespace {

using namespace std::chrono_literals;

/// A service that is told to stop 10 ms after its start.
class FrameTest : public testing::Test {
 protected:
  int run(const Course& course) {
    stop.start(10ms, [] { std::raise(SIGTERM); });
    return frame.run("127.0.0.1:0", course);
  }
  void after(Milliseconds pause, bus::Timer& timer, const std::string& word) {
    timer.start(pause, [this, word] { story += word; });
  }

  Frame frame{"test", {.format = log::Format::kText, .level = log::Level::kError}};
  bus::Timer stop{frame.reactor};
  bus::Timer first{frame.reactor};
  bus::Timer second{frame.reactor};
  std::string story;
};

TEST_F(FrameTest, says_farewell_at_rest_and_waits_until_that_is_over) {
  EXPECT_EQ(run({.beat = [] {},
                 .begin_to_stop =
                     [this] {
                       story += "told ";
                       after(150ms, first, "rests ");
                     },
                 .at_rest = [this] { return story.ends_with("rests ") || story.ends_with("over"); },
                 .end =
                     [this] {
                       story += "leaves ";
                       after(250ms, second, "rests over");
                     },
                 .ended = [this] { return story.ends_with("over"); }}),
            0);
  EXPECT_EQ(story, "told rests leaves rests over");
}

TEST_F(FrameTest, does_not_stop_in_the_middle_of_what_came_after_the_farewell) {
  bool busy = false;
  EXPECT_EQ(run({.beat = [] {},
                 .begin_to_stop = [] {},
                 .at_rest = [&] { return !busy; },
                 .end =
                     [&] {
                       first.start(50ms, [&] {
                         busy = true;
                         second.start(200ms, [&] { busy = false; });
                       });
                     }}),
            0);
  EXPECT_FALSE(busy);
}

TEST_F(FrameTest, stops_in_time_although_it_never_comes_to_rest) {
  const auto before = frame.clock.mono();
  EXPECT_EQ(run({.beat = [] {},
                 .begin_to_stop = [] {},
                 .at_rest = [] { return false; },
                 .end = [this] { story += "leaves"; }}),
            0);
  EXPECT_EQ(story, "leaves");
  EXPECT_LT(frame.clock.mono() - before, 5s);
}

}  // namespace
}  // namespace rostrum::service
