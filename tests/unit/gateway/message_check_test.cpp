// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/message_check.hpp"

#include <gtest/gtest.h>

namespace rostrum::gateway {
namespace {

std::string refusal_of(const MessageParts& parts) {
  const auto message = check_message(parts, "example.org", {});
  if (message) return "taken";
  EXPECT_EQ(message.error().ending, Ending::kFailed);
  return message.error().condition;
}

TEST(MessageCheck, takes_a_good_message) {
  const auto message =
      check_message({"anna@example.org", "id-1", "Title", "Text\nof two lines"}, "example.org", {});
  ASSERT_TRUE(message);
  EXPECT_EQ(message.value().to.text(), "anna@example.org");
}

TEST(MessageCheck, names_what_is_wrong) {
  EXPECT_EQ(refusal_of({"anna", "id", "", "x"}), "jid-malformed");
  EXPECT_EQ(refusal_of({"a b@example.org", "id", "", "x"}), "jid-malformed");
  EXPECT_EQ(refusal_of({"anna@example.org/phone", "id", "", "x"}), "jid-malformed");
  EXPECT_EQ(refusal_of({"anna@other.org", "id", "", "x"}), "foreign-domain");
  EXPECT_EQ(refusal_of({"anna@example.org", "", "", "x"}), "invalid-stanza-id");
  EXPECT_EQ(refusal_of({"anna@example.org", "i d", "", "x"}), "invalid-stanza-id");
  EXPECT_EQ(refusal_of({"anna@example.org", "id", "two\nlines", "x"}), "invalid-text");
  EXPECT_EQ(refusal_of({"anna@example.org", "id", "", ""}), "invalid-text");
  EXPECT_EQ(refusal_of({"anna@example.org", "id", "", "bell \a"}), "invalid-text");
  EXPECT_EQ(refusal_of({"anna@example.org", "id", "", "\xED\xA0\x80"}), "invalid-text");
}

TEST(MessageCheck, counts_what_a_text_becomes_in_xml) {
  EXPECT_EQ(refusal_of({"anna@example.org", "id", "", std::string(16 * 1024, 'x')}), "taken");
  EXPECT_EQ(refusal_of({"anna@example.org", "id", "", std::string(16 * 1024, '"')}), "too-large");
  EXPECT_EQ(refusal_of({"anna@example.org", "id", "", std::string(16 * 1024 + 1, 'x')}), "invalid-text");
}

}  // namespace
}  // namespace rostrum::gateway
