// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/common/config/loaded.hpp"

namespace rostrum::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Files, count_from_the_folder_of_the_configuration) {
  Loaded loaded("[gateway]\nca = \"keys/ca.pem\"\nkeys = \"keys\"\n");
  std::filesystem::create_directory(loaded.folder().path_of("keys"));
  loaded.folder().write("keys/ca.pem", "x");
  auto section = loaded.config.section("gateway");
  EXPECT_EQ(section.file("ca", std::nullopt, "CA."), loaded.folder().path_of("keys/ca.pem"));
  EXPECT_EQ(section.directory("keys", std::nullopt, "Keys."), loaded.folder().path_of("keys"));
  EXPECT_THAT(loaded.mistakes(), IsEmpty());
}

TEST(Files, must_be_there_and_of_the_right_kind) {
  Loaded loaded("[gateway]\nca = \"missing\"\nkeys = \"rostrum.toml\"\ncert = \".\"\n");
  auto section = loaded.config.section("gateway");
  (void)section.file("ca", std::nullopt, "CA.");
  (void)section.directory("keys", std::nullopt, "Keys.");
  (void)section.file("cert", std::nullopt, "Certificate.");
  EXPECT_THAT(loaded.mistakes(),
              ElementsAre("rostrum.toml:2: [gateway] ca: cannot open missing: No such file or directory",
                          "rostrum.toml:3: [gateway] keys: rostrum.toml is not a folder",
                          "rostrum.toml:4: [gateway] cert: . is not an ordinary file"));
}

TEST(Files, need_not_be_there_where_the_default_is_empty) {
  Loaded loaded("[gateway]\n");
  auto section = loaded.config.section("gateway");
  EXPECT_EQ(section.file("ca", "", "CA."), "");
  EXPECT_TRUE(section.secret_file("password_file", "", "Password.").empty());
  EXPECT_THAT(loaded.mistakes(), IsEmpty());
}

TEST(SecretFile, is_read_without_the_newline_at_its_end) {
  Loaded loaded("[gateway]\na = \"a\"\nb = \"b\"\n");
  loaded.folder().write("a", "p4ss word\n", 0600);
  loaded.folder().write("b", "p4ss\n\n", 0400);
  auto section = loaded.config.section("gateway");
  EXPECT_EQ(section.secret_file("a", std::nullopt, "A.").reveal(), "p4ss word");
  EXPECT_EQ(section.secret_file("b", std::nullopt, "B.").reveal(), "p4ss\n");
  EXPECT_THAT(loaded.mistakes(), IsEmpty());
}

TEST(SecretFile, must_be_for_its_owners_eyes_only) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U, 0666U}) {
    Loaded loaded("[gateway]\npassword_file = \"p\"\n");
    loaded.folder().write("p", "secret", mode);
    EXPECT_TRUE(
        loaded.config.section("gateway").secret_file("password_file", std::nullopt, "Password.").empty());
    EXPECT_THAT(loaded.mistakes(), ElementsAre("rostrum.toml:2: [gateway] password_file: p can be read by "
                                               "others than its owner; mend it with: chmod 600 p"));
  }
}

TEST(SecretFile, never_shows_its_content_in_a_mistake) {
  Loaded loaded("[gateway]\na = \"a\"\nb = \"b\"\nc = \"c\"\n");
  loaded.folder().write("a", "");
  loaded.folder().write("b", "\n");
  loaded.folder().write("c", std::string(5000, 'x'));
  auto section = loaded.config.section("gateway");
  for (const auto* key : {"a", "b", "c"})
    EXPECT_TRUE(section.secret_file(key, std::nullopt, "Secret.").empty());
  EXPECT_THAT(loaded.mistakes(), ElementsAre("rostrum.toml:2: [gateway] a: a is empty",
                                             "rostrum.toml:3: [gateway] b: b is empty",
                                             "rostrum.toml:4: [gateway] c: c is larger than 4096 bytes"));
}

TEST(SecretFile, does_not_wait_for_a_named_pipe) {
  Loaded loaded("[gateway]\np = \"p\"\n");
  ASSERT_EQ(::mkfifo(loaded.folder().path_of("p").c_str(), 0600), 0);
  EXPECT_TRUE(loaded.config.section("gateway").secret_file("p", std::nullopt, "Secret.").empty());
  EXPECT_THAT(loaded.mistakes(), ElementsAre("rostrum.toml:2: [gateway] p: p is not an ordinary file"));
}

}  // namespace
}  // namespace rostrum::config
