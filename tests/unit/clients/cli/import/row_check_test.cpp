// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/row_check.hpp"

#include <gtest/gtest.h>

#include "common/base/random.hpp"
#include "services/registration/core/parse.hpp"

namespace rostrum::cli::importing {
namespace {

const registration::JidRules kRules{{"site.test"}, {}};

/// What registration's intake says of the same statement; the seal is looked at apart, as there.
std::optional<std::string> intake_says(const Row& row) {
  v1::Event event;
  event.set_subject(row.member_id);
  event.set_revision(1);
  auto& member = *event.mutable_member_upserted();
  member.set_jid(row.jid);
  member.set_display_name(row.display_name);
  for (const auto& group : row.groups) member.add_group_ids(group);
  SeededRandom random(1);
  const auto id = EventId::make(WallTime(), random);
  const auto read = registration::parse({id, "site", "", event}, kRules);
  if (!read) return read.error().text;
  if (row.password.empty()) return std::nullopt;
  const auto password = registration::check_password(row.password.reveal());
  return password ? std::optional(password->text) : std::nullopt;
}

Row good() {
  Row row;
  row.member_id = "anna";
  row.jid = "anna@site.test";
  row.display_name = "Anna";
  row.groups = {"editors"};
  row.password = Secret("plum 7 tree");
  return row;
}

void expect_agreement(const Row& row) {
  const auto here = check_row(row);
  const auto there = intake_says(row);
  ASSERT_EQ(here.has_value(), there.has_value())
      << "import: " << here.value_or("good") << "\nregistration: " << there.value_or("good");
}

TEST(RowCheck, agrees_with_the_intake_on_every_limit) {
  const std::vector<std::function<void(Row&)>> changes{
      [](Row&) {},
      [](Row& row) { row.member_id = ""; },
      [](Row& row) { row.member_id = std::string(256, 'a'); },
      [](Row& row) { row.member_id = std::string(257, 'a'); },
      [](Row& row) { row.member_id = "a\nb"; },
      [](Row& row) { row.jid = ""; },
      [](Row& row) { row.jid = "Anna@site.test"; },
      [](Row& row) { row.jid = "anna@site.test/phone"; },
      [](Row& row) { row.jid = "anna"; },
      [](Row& row) { row.jid = std::string(1'023, 'a') + "@site.test"; },
      [](Row& row) { row.jid = std::string(1'024, 'a') + "@site.test"; },
      [](Row& row) { row.display_name = std::string(256, 'a'); },
      [](Row& row) { row.display_name = std::string(257, 'a'); },
      [](Row& row) { row.display_name = "a\tb"; },
      [](Row& row) { row.groups = std::vector<std::string>(256, "g"); },
      [](Row& row) { row.groups = std::vector<std::string>(257, "g"); },
      [](Row& row) { row.groups = {""}; },
      [](Row& row) { row.groups = {std::string(257, 'g')}; },
      [](Row& row) { row.password = Secret(""); },
      [](Row& row) { row.password = Secret(std::string(976, 'p')); },
      [](Row& row) { row.password = Secret(std::string(977, 'p')); },
      [](Row& row) { row.password = Secret("two\nlines"); },
      [](Row& row) { row.password = Secret("\xff"); }};
  for (const auto& change : changes) {
    Row row = good();
    change(row);
    expect_agreement(row);
  }
}

TEST(RowCheck, agrees_with_the_intake_on_random_bytes) {
  SeededRandom random(3);
  constexpr std::string_view kPieces[] = {"a",    "B",    "é",      "@", "/", " ",  "\n",
                                          "\x01", "\xff", "\u200b", "ß", ".", "会", ""};
  const auto text = [&random, &kPieces] {
    std::string made;
    for (std::size_t i = random.below(5); i > 0; --i) made += kPieces[random.below(std::size(kPieces))];
    return made;
  };
  for (int round = 0; round < 5'000; ++round) {
    Row row = good();
    if (random.below(2) == 0) row.member_id = text();
    if (random.below(2) == 0) row.jid = text() + "@site.test";
    if (random.below(2) == 0) row.display_name = text();
    if (random.below(2) == 0) row.groups = {text()};
    if (random.below(2) == 0) row.password = Secret(text());
    ASSERT_NO_FATAL_FAILURE(expect_agreement(row)) << round;
  }
}

TEST(RowCheck, never_shows_a_value) {
  Row row = good();
  row.password = Secret("plum\n7");
  EXPECT_EQ(check_row(row)->find("plum"), std::string::npos);
}

}  // namespace
}  // namespace rostrum::cli::importing
