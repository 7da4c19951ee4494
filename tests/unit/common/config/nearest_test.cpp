// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/nearest.hpp"

#include <gtest/gtest.h>

namespace rostrum::config {
namespace {

const std::vector<std::string> kNames = {"listen", "http", "jabber_domain", "jabber_address"};

TEST(Nearest, finds_what_was_meant) {
  EXPECT_EQ(nearest("lisen", kNames), "listen");
  EXPECT_EQ(nearest("lisetn", kNames), "listen");
  EXPECT_EQ(nearest("Listen", kNames), "listen");
  EXPECT_EQ(nearest("htp", kNames), "http");
  EXPECT_EQ(nearest("jabber-domain", kNames), "jabber_domain");
  EXPECT_EQ(nearest("jabberadress", kNames), "jabber_address");
}

TEST(Nearest, does_not_guess_wildly) {
  EXPECT_EQ(nearest("password", kNames), std::nullopt);
  EXPECT_EQ(nearest("", kNames), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100000, 'x'), kNames), std::nullopt);
}

}  // namespace
}  // namespace rostrum::config
