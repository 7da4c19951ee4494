// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "clients/cli/roles.hpp"
#include "common/bus/key_folder.hpp"
#include "common/bus/message_types.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat about {};
  EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
  return about.st_mode & 07777;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Keygen : public ::testing::Test {
 protected:
  test::TemporaryFolder directory_;
  const std::string keys_ = directory_.path_of("keys");
  const std::string grants_ = directory_.path_of("authorized_keys");
};

TEST_F(Keygen, writes_a_secret_that_only_its_owner_can_read) {
  const auto called = call({"keygen", "site", "--out", keys_});
  EXPECT_EQ(called.exit_code, 0) << called.err;
  EXPECT_EQ(mode_of(keys_), 0700U);
  EXPECT_EQ(mode_of(keys_ + "/site.secret"), 0600U);
  EXPECT_EQ(mode_of(keys_ + "/site.public"), 0644U);
  EXPECT_TRUE(bus::read_secret_key(keys_ + "/site.secret"));
  EXPECT_TRUE(bus::read_public_key(keys_ + "/site.public"));
}

TEST_F(Keygen, never_prints_the_secret) {
  const auto called = call({"keygen", "site", "--out", keys_});
  const auto pair = bus::read_secret_key(keys_ + "/site.secret");
  ASSERT_TRUE(pair);
  EXPECT_EQ((called.out + called.err).find(pair.value().secret_key.reveal()), std::string::npos);
  EXPECT_NE(called.out.find(pair.value().public_key.z85()), std::string::npos);
}

TEST_F(Keygen, refuses_to_overwrite_a_key) {
  ASSERT_EQ(call({"keygen", "site", "--out", keys_}).exit_code, 0);
  const std::string before = content_of(keys_ + "/site.secret");
  EXPECT_EQ(call({"keygen", "site", "--out", keys_}).exit_code, 1);
  EXPECT_EQ(content_of(keys_ + "/site.secret"), before);
}

TEST_F(Keygen, lets_the_key_in_with_the_grants_of_its_role) {
  for (const auto& role : all_roles()) {
    const auto called =
        call({"--json", "keygen", role, "--out", keys_, "--authorize", grants_, "--role", role});
    ASSERT_EQ(called.exit_code, 0) << called.err;
  }
  const auto authorized = bus::read_key_folder(grants_).in_force();
  EXPECT_EQ(authorized.size(), all_roles().size());
  for (const auto& role : all_roles()) {
    const auto* key = authorized.find_by_name(role);
    ASSERT_NE(key, nullptr) << role;
    EXPECT_EQ(key->key, bus::read_public_key(keys_ + "/" + role + ".public").value());
    const auto wanted = *grants_of(role);
    EXPECT_EQ(key->allowed, (std::set<std::string, std::less<>>(wanted.begin(), wanted.end())));
  }
}

TEST_F(Keygen, lets_somebody_elses_public_key_in) {
  ASSERT_EQ(call({"keygen", "forum", "--out", keys_}).exit_code, 0);
  const auto called = call({"keygen", "news", "--public", keys_ + "/forum.public", "--authorize", grants_,
                            "--allow", "notice_published,member_removed"});
  ASSERT_EQ(called.exit_code, 0) << called.err;
  const auto authorized = bus::read_key_folder(grants_).in_force();
  ASSERT_EQ(authorized.size(), 1U);
  EXPECT_TRUE(authorized.find_by_name("news")->may_send("member_removed"));
  EXPECT_FALSE(authorized.find_by_name("news")->may_send("member_upserted"));
}

TEST_F(Keygen, refuses_to_let_a_second_key_in_under_one_name) {
  ASSERT_EQ(call({"keygen", "site", "--out", keys_, "--authorize", grants_, "--role", "site"}).exit_code, 0);
  const std::string before = content_of(grants_ + "/site");
  const auto called = call(
      {"keygen", "site", "--out", directory_.path_of("others"), "--authorize", grants_, "--role", "site"});
  EXPECT_EQ(called.exit_code, 1);
  EXPECT_NE(called.err.find("remove it first"), std::string::npos) << called.err;
  EXPECT_EQ(content_of(grants_ + "/site"), before);
}

TEST_F(Keygen, refuses_unknown_types_and_roles_and_unfit_names) {
  EXPECT_EQ(call({"keygen", "x", "--out", keys_, "--authorize", grants_, "--allow", "everything"}).exit_code,
            2);
  EXPECT_EQ(call({"keygen", "x", "--out", keys_, "--authorize", grants_, "--role", "king"}).exit_code, 2);
  EXPECT_EQ(call({"keygen", "x", "--out", keys_, "--authorize", grants_}).exit_code, 2);
  for (const auto* name : {"", ".hidden", "a/b", "..", "a b", "a\n", "backup~"}) {
    EXPECT_EQ(call({"keygen", name, "--out", keys_}).exit_code, 2) << name;
  }
  EXPECT_FALSE(std::filesystem::exists(keys_));
}

TEST(Roles, grant_only_types_of_the_contract) {
  for (const auto& role : all_roles()) {
    const auto grants = *grants_of(role);
    for (const auto& type : grants)
      EXPECT_TRUE(bus::all_message_types().contains(type)) << role << " " << type;
  }
  EXPECT_EQ(grants_of("king"), std::nullopt);
}

}  // namespace
}  // namespace rostrum::cli
