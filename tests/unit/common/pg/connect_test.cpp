// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/connect.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rostrum::pg {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string complete(const std::string& conninfo, const std::string& password = "") {
  const auto text = complete_conninfo({conninfo, Secret(password)}, "rostrum-test");
  return std::string(text.reveal());
}

TEST(Conninfo, gets_the_options_that_end_a_hang_and_a_name) {
  const auto text = complete("host=/run/postgresql dbname=rostrum");
  for (const auto* option :
       {"connect_timeout='5'", "tcp_user_timeout='10000'", "keepalives_idle='10'",
        "target_session_attrs='read-write'", "application_name='rostrum-test'", "dbname='rostrum'"}) {
    EXPECT_THAT(text, HasSubstr(option));
  }
}

TEST(Conninfo, keeps_what_the_operator_chose) {
  const auto text = complete("postgresql://db.example.org/rostrum?connect_timeout=1");
  EXPECT_THAT(text, HasSubstr("connect_timeout='1'"));
  EXPECT_THAT(text, Not(HasSubstr("connect_timeout='5'")));
  EXPECT_THAT(text, HasSubstr("host='db.example.org'"));
}

TEST(Conninfo, quotes_every_value) {
  EXPECT_THAT(complete("dbname=rostrum user=x", R"(a'b\c dbname=other)"),
              HasSubstr(R"(password='a\'b\\c dbname=other')"));
}

TEST(Conninfo, says_what_cannot_be_read) {
  EXPECT_THAT([] { (void)complete("nonsense=1"); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("nonsense")));
}

}  // namespace
}  // namespace rostrum::pg
