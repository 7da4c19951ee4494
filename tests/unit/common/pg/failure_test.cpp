// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/failure.hpp"

#include <pqxx/pqxx>

#include <gtest/gtest.h>

namespace rostrum::pg {
namespace {

template <class Exception>
Failure read(const Exception& exception) {
  return read_failure(std::make_exception_ptr(exception));
}

TEST(Failure, of_the_data_is_given_up) {
  for (const auto* state : {"22021", "22P02", "23502", "23505", "23514", "21000", "44000", "54000", "P0001"})
    EXPECT_EQ(remedy_of(state), Remedy::kGiveUp) << state;
}

TEST(Failure, of_the_moment_is_tried_again) {
  for (const auto* state : {"40001", "40P01"}) EXPECT_EQ(remedy_of(state), Remedy::kAgainNow) << state;
  for (const auto* state : {"25006", "53100", "53300"})
    EXPECT_EQ(remedy_of(state), Remedy::kAgainLater) << state;
}

TEST(Failure, that_may_be_of_one_piece_of_work_is_not_tried_again_for_ever) {
  for (const auto* state : {"53200", "55P03", "57014", "58030", "XX000", "XX001", "XX002"})
    EXPECT_EQ(remedy_of(state), Remedy::kAFewTimes) << state;
}

TEST(Failure, by_damage_is_told_from_one_by_load_and_from_the_datas) {
  for (const auto* state : {"58030", "XX000", "XX001", "XX002"})
    EXPECT_EQ(fault_of(state), Fault::kDamage) << state;
  for (const auto* state : {"53200", "55P03", "57014", "40P01", ""})
    EXPECT_EQ(fault_of(state), Fault::kLoad) << state;
  for (const auto* state : {"22021", "23505"}) EXPECT_EQ(fault_of(state), Fault::kData) << state;
}

TEST(Failure, of_the_deployment_is_never_the_site_s_fault) {
  for (const auto* state : {"42501", "42P01", "3F000", "28000"})
    EXPECT_EQ(remedy_of(state), Remedy::kAgainLater) << state;
}

TEST(Failure, of_the_connection_calls_for_another_one) {
  for (const auto* state : {"08006", "57P01", "57P02", "57P03", "26000", "0A000", ""})
    EXPECT_EQ(remedy_of(state), Remedy::kReconnect) << state;
  EXPECT_EQ(read(pqxx::broken_connection("gone")).remedy, Remedy::kReconnect);
  EXPECT_EQ(read(pqxx::in_doubt_error("at commit")).remedy, Remedy::kReconnect);
}

TEST(Failure, names_the_constraint_that_was_violated) {
  const auto failure = read(pqxx::unique_violation(
      "ERROR:  duplicate key value violates unique constraint \"member_jid_taken\"\n", "", "23505"));
  EXPECT_EQ(failure.constraint, "member_jid_taken");
  EXPECT_EQ(failure.text, "duplicate key value violates unique constraint \"member_jid_taken\"");
}

TEST(Failure, shows_no_values_of_rows) {
  const auto failure =
      read(pqxx::data_exception("ERROR:  invalid input syntax for type uuid: \"a secret\"\n", "", "22P02"));
  EXPECT_EQ(failure.text.find("a secret"), std::string::npos);
}

TEST(Failure, tells_what_to_do_about_a_missing_table) {
  EXPECT_NE(read(pqxx::undefined_table("ERROR:  relation \"x\" does not exist\n", "", "42P01"))
                .text.find("rostrum migrate"),
            std::string::npos);
}

TEST(Failure, by_a_missing_partition_is_not_the_datas) {
  const auto failure =
      read(pqxx::check_violation("ERROR:  no partition of relation \"ledger\" found for row\n"
                                 "DETAIL:  Partition key of the failing row contains (day) = (2026-03-01).\n",
                                 "", "23514"));
  EXPECT_EQ(failure.remedy, Remedy::kAgainLater);
  EXPECT_EQ(failure.text, "no partition of relation \"ledger\" found for row (is a machine's clock wrong?)");
}

TEST(Failure, by_a_rule_of_the_table_is_the_datas_in_any_language) {
  for (const auto* text :
       {"ERROR:  new row for relation \"member\" violates check constraint \"no partition of relation\"\n",
        "FEHLER:  neue Zeile für Relation »member« verletzt Check-Constraint »member_name«\n"}) {
    EXPECT_EQ(read(pqxx::check_violation(text, "", "23514")).remedy, Remedy::kGiveUp) << text;
  }
}

TEST(Failure, of_the_program_is_thrown_on) {
  EXPECT_THROW((void)read(std::logic_error("ours")), std::logic_error);
}

}  // namespace
}  // namespace rostrum::pg
