// SPDX-License-Identifier: Apache-2.0
#include "common/bus/parse.hpp"

#include <gtest/gtest.h>

#include "common/bus/wire_check.hpp"
#include "rostrum/v1/bus.pb.h"
#include "rostrum/v1/event.pb.h"
#include "rostrum/v1/presence.pb.h"

namespace rostrum::bus {
namespace {

using namespace std::string_literals;

template <class Message>
bool reads(const std::string& bytes) {
  Message message;
  return parse_strictly(bytes, message);
}

/// What is decided before the library sees the bytes.
template <class Message>
bool passes(const std::string& bytes) {
  return WireCheck(16, kMaxParsedEntries).passes(bytes, *Message::descriptor());
}

v1::Event member_in_groups(std::size_t count) {
  v1::Event event;
  event.set_subject("anna");
  for (std::size_t i = 0; i < count; ++i) event.mutable_member_upserted()->add_group_ids("");
  return event;
}

TEST(ParsingStrictly, takes_what_is_whole) {
  EXPECT_TRUE(reads<v1::Event>(""));
  EXPECT_TRUE(reads<v1::Event>(member_in_groups(3).SerializeAsString()));
  v1::Frame frame;
  frame.mutable_batch()->add_events("anything");
  EXPECT_TRUE(reads<v1::Frame>(frame.SerializeAsString()));
}

// The library would make room for them first, up to 50 MB each: tests/fuzz/frame found it.
TEST(ParsingStrictly, refuses_a_length_beyond_the_end) {
  EXPECT_FALSE(passes<v1::Frame>("\x7a\x92\xff\xff\x02\x14"s)) << "of an unknown field";
  EXPECT_FALSE(passes<v1::Event>("\x1a\xff\xff\x5f\x61"s)) << "of a text";
}

TEST(ParsingStrictly, refuses_a_length_beyond_the_message_it_stands_in) {
  EXPECT_FALSE(passes<v1::Observation>("\xa2\x01\xff\xff\x5f\x30\x00\x3a\xf7\xe8\x21\x02"s))
      << "a message's, and a text's in it";
  EXPECT_FALSE(passes<v1::Event>("\x52\x03\x0a\x05\x61\x1a\x02\x62\x63"s))
      << "a text that would end behind it";
}

TEST(ParsingStrictly, takes_no_more_entries_than_the_contract_could_want) {
  EXPECT_TRUE(reads<v1::Event>(member_in_groups(kMaxParsedEntries).SerializeAsString()));
  EXPECT_FALSE(reads<v1::Event>(member_in_groups(kMaxParsedEntries + 1).SerializeAsString()));
}

TEST(ParsingStrictly, counts_entries_without_a_name_and_those_of_every_depth) {
  // Field 127: an empty text, the numbers 0 of one, four and eight bytes.
  for (const auto& entry : {"\xfa\x07\x00"s, "\xf8\x07\x00"s, "\xfd\x07\x00\x00\x00\x00"s,
                            "\xf9\x07\x00\x00\x00\x00\x00\x00\x00\x00"s}) {
    std::string unknown;
    for (std::size_t i = 0; i < kMaxParsedEntries; ++i) unknown += entry;
    EXPECT_TRUE(reads<v1::Event>(unknown)) << entry.size();
    EXPECT_FALSE(reads<v1::Event>(unknown + entry)) << entry.size();
    EXPECT_FALSE(reads<v1::Event>(unknown + member_in_groups(1).SerializeAsString())) << entry.size();
  }
}

TEST(ParsingStrictly, refuses_groups) {
  EXPECT_FALSE(reads<v1::Event>("\xfb\x07\xfc\x07"s));
}

TEST(ParsingStrictly, refuses_a_number_that_does_not_end) {
  EXPECT_FALSE(reads<v1::Event>("\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s));
  EXPECT_FALSE(reads<v1::Event>("\x30\x80"s));
}

}  // namespace
}  // namespace rostrum::bus
