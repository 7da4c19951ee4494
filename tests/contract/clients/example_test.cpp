// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>

#include "rostrum/v1/event.pb.h"
#include "tests/contract/clients/publisher_fixture.hpp"

namespace rostrum {
namespace {

/// What a program in the fixture's directory says, and how it ends.
std::pair<int, std::string> run(const std::string& directory, const std::string& command) {
  const std::string line = "cd '" + directory + "' && " + command;
  FILE* const pipe = ::popen(line.c_str(), "r");  // NOLINT(cert-env33-c): words of the test alone
  if (pipe == nullptr) return {-1, "popen failed"};
  std::string said;
  std::array<char, 512> piece{};
  while (std::fgets(piece.data(), piece.size(), pipe) != nullptr) said += piece.data();
  return {::pclose(pipe), said};
}

TEST_F(PublisherTest, the_example_publishes_a_member_and_an_announcement) {
  start_registration();
  start_notification();
  const auto [status, said] =
      run(directory_.path().string(),
          std::string(ROSTRUM_EXAMPLE) + " " + registration_->endpoint() + " " + notification_->endpoint());
  EXPECT_EQ(status, 0);
  EXPECT_EQ(said, "accepted\naccepted\n");
  const auto events = ledger_.events();
  ASSERT_EQ(events.size(), 3U);
  for (const auto& event : events) {
    v1::Event message;
    ASSERT_TRUE(message.ParseFromString(event.bytes));
    if (event.type == "member_upserted") {
      EXPECT_EQ(bus::open_sealed(message.member_upserted().sealed_password(), sealing_)->reveal(),
                "plum-7-tree");
    } else if (event.type == "notice_published") {
      EXPECT_EQ(message.notice_published().audience().groups().group_ids(0), "editors");
    }
  }
}

TEST_F(PublisherTest, the_example_gives_up_when_nobody_is_there) {
  const auto [status, said] =
      run(directory_.path().string(), std::string(ROSTRUM_EXAMPLE) + " tcp://127.0.0.1:9 tcp://127.0.0.1:9");
  EXPECT_EQ(WEXITSTATUS(status), 4);
  EXPECT_EQ(said, "");
}

}  // namespace
}  // namespace rostrum
