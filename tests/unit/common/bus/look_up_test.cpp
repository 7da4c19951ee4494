// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <gtest/gtest.h>

#include "common/bus/address_book.hpp"

namespace rostrum::bus::test {
namespace {

TEST(HostAndPort, is_read_with_names_and_both_kinds_of_numbers) {
  EXPECT_EQ(HostAndPort::parse("gateway:5573")->host, "gateway");
  EXPECT_FALSE(HostAndPort::parse("gateway:5573")->is_number());
  EXPECT_TRUE(HostAndPort::parse("127.0.0.1:5573")->is_number());
  EXPECT_EQ(HostAndPort::parse("[::1]:5573")->host, "::1");
  EXPECT_TRUE(HostAndPort::parse("[::1]:5573")->is_number());
  for (const auto* wrong : {"gateway", "gateway:", ":5573", "gateway:0", "gateway:65536", "gateway:http", ""})
    EXPECT_FALSE(HostAndPort::parse(wrong)) << wrong;
}

class AddressBookTest : public testing::Test {
 protected:
  /// What the book says after every name was looked up once.
  std::vector<std::string> looks_up(std::vector<std::string> endpoints, const LookUp& look_up) {
    AddressBook book(
        reactor_, random_, std::move(endpoints), look_up,
        {.on_found = [] {},
         .on_not_found = [this](const std::string& endpoint,
                                const std::string& why) { troubles_.push_back(endpoint + " " + why); },
         .on_looked = [this] { reactor_.stop(); }});
    book.look();
    if (book.has_names()) reactor_.run();
    return book.addresses();
  }
  /// Numbers as a name's addresses.
  static LookUp tells(std::vector<std::string> hosts) {
    return [hosts](const HostAndPort& where) {
      Resolution resolution;
      for (const auto& host : hosts)
        resolution.addresses.push_back(read_number({host, where.port}).addresses.front());
      return resolution;
    };
  }
  using Addresses = std::vector<std::string>;

  SystemClock clock_;
  SeededRandom random_{3};
  Reactor reactor_{clock_};
  std::vector<std::string> troubles_;
};

TEST_F(AddressBookTest, takes_numbers_as_they_are) {
  const Addresses both{"tcp://127.0.0.1:5573", "tcp://[::1]:5573"};
  EXPECT_EQ(looks_up(both, {}), both);
}

TEST_F(AddressBookTest, puts_all_addresses_in_a_names_place) {
  const auto found = looks_up({"tcp://gateway:5573"}, tells({"127.0.0.2", "127.0.0.3"}));
  EXPECT_EQ(std::set(found.begin(), found.end()),
            (std::set<std::string>{"tcp://127.0.0.2:5573", "tcp://127.0.0.3:5573"}));
}

TEST_F(AddressBookTest, takes_whoever_has_addresses_of_both_kinds_for_one) {
  EXPECT_EQ(looks_up({"tcp://gateway:5573"}, tells({"::1", "127.0.0.1"})), Addresses{"tcp://127.0.0.1:5573"});
  EXPECT_EQ(looks_up({"tcp://gateway:5573"}, tells({"::1"})), Addresses{"tcp://[::1]:5573"});
}

TEST_F(AddressBookTest, says_what_it_cannot_find_in_words) {
  EXPECT_EQ(looks_up({"tcp://nobody.invalid:5573", "tcp://127.0.0.1:5573"}, look_up),
            Addresses{"tcp://127.0.0.1:5573"});
  ASSERT_EQ(troubles_.size(), 1U);
  EXPECT_TRUE(troubles_[0].starts_with("tcp://nobody.invalid:5573 ")) << troubles_[0];
  EXPECT_GT(troubles_[0].size(), std::string("tcp://nobody.invalid:5573 ").size());
}

}  // namespace
}  // namespace rostrum::bus::test
