// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/core/stanza_id.hpp"

#include <gtest/gtest.h>

namespace rostrum::notification {
namespace {

constexpr auto kText = "018f4a3e-1111-7222-8333-444455556666.00112233445566778899aabbccddeeff";

TEST(StanzaId, reads_what_it_writes) {
  const auto id = StanzaId::parse(kText);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), kText);
  EXPECT_EQ(id->notice.to_string(), "018f4a3e-1111-7222-8333-444455556666");
  EXPECT_EQ(id->token.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
}

TEST(StanzaId, fits_a_send_message) {
  EXPECT_LE(StanzaId{}.text().size(), 128U);
}

TEST(StanzaId, refuses_every_other_spelling) {
  const std::string good = kText;
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(StanzaId::parse(good.substr(0, length)));
  EXPECT_FALSE(StanzaId::parse(good + "0"));
  EXPECT_FALSE(StanzaId::parse("018F4A3E-1111-7222-8333-444455556666.00112233445566778899aabbccddeeff"));
  EXPECT_FALSE(StanzaId::parse("018f4a3e-1111-7222-8333-444455556666.00112233445566778899AABBCCDDEEFF"));
  EXPECT_FALSE(StanzaId::parse("018f4a3e-1111-7222-8333-444455556666-00112233445566778899aabbccddeeff"));
  EXPECT_FALSE(StanzaId::parse("018f4a3e-1111-7222-8333-44445555666g.00112233445566778899aabbccddeeff"));
  EXPECT_FALSE(StanzaId::parse("018f4a3e-1111-7222-8333-444455556666.-0112233445566778899aabbccddeeff"));
  EXPECT_FALSE(StanzaId::parse("purple1234"));
}

}  // namespace
}  // namespace rostrum::notification
