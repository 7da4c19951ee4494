// SPDX-License-Identifier: Apache-2.0
#include "common/bus/key_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bus/message_types.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::bus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

class KeyFolderTest : public testing::Test {
 protected:
  std::string grant(const std::string& name, const std::string& allow = "member_removed") const {
    const auto key = make_key_pair().public_key.z85();
    folder_.write(name, "key " + key + "\nallow " + allow + "\n");
    return key;
  }
  KeyFolder read() const { return read_key_folder(folder_.path()); }
  std::size_t in_force() const { return read().in_force().size(); }
  std::vector<std::string> mistakes() const { return read().all_mistakes(); }
  void chmod(const std::string& name, unsigned mode) const {
    fs::permissions(name.empty() ? folder_.path() : folder_.path() / name, static_cast<fs::perms>(mode));
  }

  const test::TemporaryFolder folder_;
};

TEST_F(KeyFolderTest, names_each_peer_and_what_it_may_send) {
  const auto key = make_key_pair().public_key;
  folder_.write("forum", "# the forum\n\nkey " + key.z85() +
                             "\nallow member_upserted member_removed\nallow  notice_published\n");
  const auto keys = read().in_force();
  const auto* forum = keys.find_by_key(key);
  ASSERT_NE(forum, nullptr);
  EXPECT_EQ(forum->name, "forum");
  EXPECT_TRUE(forum->may_send("member_upserted"));
  EXPECT_TRUE(forum->may_send("notice_published"));
  EXPECT_FALSE(forum->may_send("group_upserted"));
  EXPECT_EQ(keys.find_by_name("forum"), forum);
  EXPECT_EQ(keys.find_by_name("shop"), nullptr);
  EXPECT_EQ(keys.find_by_key(make_key_pair().public_key), nullptr);
}

TEST_F(KeyFolderTest, that_is_empty_is_nobody_and_hidden_and_backup_files_are_passed_over) {
  folder_.write(".swap", "garbage");
  folder_.write("forum~", "garbage");
  EXPECT_TRUE(read().trusted());
  EXPECT_EQ(in_force(), 0U);
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(KeyFolderTest, says_all_mistakes_at_once_and_grants_what_has_none) {
  grant("a");
  folder_.write("c", "key 123\nallow member_upserted member_exploded\nlet me in\n");
  folder_.write("d", "allow member_upserted\n");
  folder_.write("e", "");
  folder_.write("f", std::string(20'000, '#'));
  EXPECT_THAT(mistakes(),
              ElementsAre(HasSubstr("c: line 1: not a public key"),
                          HasSubstr("c: line 2: 'member_exploded' is not a message type; there are: "),
                          HasSubstr("c: line 3: 'let' is not known"), HasSubstr("d: names no key"),
                          HasSubstr("e: names no key"), HasSubstr("f: larger than 16 KiB"),
                          HasSubstr("f: names no key")));
  EXPECT_EQ(read().wrong_files(), 4U);
  EXPECT_EQ(in_force(), 1U);
}

TEST_F(KeyFolderTest, grants_nothing_to_a_key_that_two_files_name) {
  const auto key = grant("a");
  grant("b");
  folder_.write("c", "key " + key + "\n");
  EXPECT_THAT(mistakes(),
              ElementsAre(HasSubstr("a: the same key as in "), HasSubstr("c: the same key as in ")));
  const auto keys = read().in_force();
  EXPECT_EQ(keys.size(), 1U);
  EXPECT_NE(keys.find_by_name("b"), nullptr);
  EXPECT_EQ(read().find_wrong(*PublicKey::parse(key))->name, "a");
}

TEST_F(KeyFolderTest, grants_nothing_by_a_file_that_others_may_write_and_says_what_mends_it) {
  grant("forum");
  grant("shop");
  for (const unsigned mode : {0664U, 0646U, 0666U}) {
    chmod("forum", mode);
    EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("forum: others may write it; mend it: chmod go-w ")));
    EXPECT_EQ(in_force(), 1U);
  }
  chmod("forum", 0644);
  EXPECT_EQ(in_force(), 2U);
}

TEST_F(KeyFolderTest, grants_nothing_at_all_while_others_may_write_it_or_the_folder_above) {
  const test::TemporaryFolder above;
  const auto inside = above.path_of("authorized_keys");
  fs::create_directory(inside);
  above.write("authorized_keys/forum", "key " + make_key_pair().public_key.z85() + "\n");
  EXPECT_EQ(read_key_folder(inside).in_force().size(), 1U);
  fs::permissions(inside, fs::perms{0775});
  EXPECT_THAT(read_key_folder(inside).mistakes,
              ElementsAre(HasSubstr("others may write it; mend it: chmod")));
  EXPECT_EQ(read_key_folder(inside).in_force().size(), 0U);
  fs::permissions(inside, fs::perms{0755});
  fs::permissions(above.path(), fs::perms{0777});
  EXPECT_THAT(read_key_folder(inside).mistakes, ElementsAre(HasSubstr("put another folder in its place")));
  EXPECT_EQ(read_key_folder(inside + "/").in_force().size(), 0U) << "a slash behind it is no way around";
  fs::permissions(above.path(), fs::perms{01777});
  EXPECT_EQ(read_key_folder(inside).in_force().size(), 1U) << "as /tmp is: only the owner can move it away";
}

class KeyFolderOwnerTest : public KeyFolderTest {
 protected:
  static constexpr uid_t kNobody = 65'534;
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    fs::create_directory(inside_);
    fs::permissions(inside_, fs::perms{0755});
    file_ = folder_.write("authorized_keys/forum", "key " + make_key_pair().public_key.z85() + "\n");
  }
  static void give(const std::string& path, uid_t user) {
    ASSERT_EQ(::chown(path.c_str(), user, static_cast<gid_t>(-1)), 0);
  }
  std::string inside_ = folder_.path_of("authorized_keys");
  std::string file_;
};

TEST_F(KeyFolderOwnerTest, grants_nothing_by_a_file_of_another_user_and_says_what_mends_it) {
  folder_.write("authorized_keys/shop", "key " + make_key_pair().public_key.z85() + "\n");
  give(file_, kNobody);
  const auto read = read_key_folder(inside_);
  EXPECT_THAT(read.all_mistakes(), ElementsAre(testing::AllOf(
                                       HasSubstr("forum: it belongs to user 65534, who is neither root nor"),
                                       HasSubstr("mend it: chown 0 " + file_))));
  EXPECT_EQ(read.in_force().size(), 1U);
  give(file_, 0);
  EXPECT_EQ(read_key_folder(inside_).in_force().size(), 2U);
}

TEST_F(KeyFolderOwnerTest, grants_nothing_at_all_while_another_user_owns_it_or_the_folder_above) {
  for (const auto& place : {inside_, folder_.path().string()}) {
    give(place, kNobody);
    const auto read = read_key_folder(inside_);
    EXPECT_THAT(read.mistakes, ElementsAre(HasSubstr("mend it: chown 0 " + place)));
    EXPECT_EQ(read.in_force().size(), 0U);
    fs::permissions(place, fs::perms{01755});
    EXPECT_EQ(read_key_folder(inside_).in_force().size(), 0U) << "sticky or not";
    give(place, 0);
    EXPECT_EQ(read_key_folder(inside_).in_force().size(), 1U);
  }
}

TEST_F(KeyFolderOwnerTest, trusts_root_and_the_services_own_user) {
  EXPECT_EQ(read_key_folder(inside_, kNobody).in_force().size(), 1U) << "all is root's";
  for (const auto& place : {file_, inside_, folder_.path().string()}) give(place, kNobody);
  EXPECT_EQ(read_key_folder(inside_, kNobody).in_force().size(), 1U);
  EXPECT_EQ(read_key_folder(inside_).in_force().size(), 0U);
}

TEST_F(KeyFolderTest, is_not_trusted_where_it_cannot_be_read) {
  const auto missing = read_key_folder("/nonexistent/authorized_keys");
  EXPECT_FALSE(missing.trusted());
  EXPECT_FALSE(read_key_folder(folder_.write("file", "")).trusted());
}

TEST_F(KeyFolderTest, waits_for_nothing_and_follows_no_folder) {
  ASSERT_EQ(::mkfifo(folder_.path_of("pipe").c_str(), 0600), 0);
  fs::create_directory(folder_.path_of("folder"));
  grant("forum");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("folder: not an ordinary file"),
                                      HasSubstr("pipe: not an ordinary file")));
  EXPECT_EQ(in_force(), 1U);
}

TEST_F(KeyFolderTest, grants_nothing_by_a_file_it_cannot_read) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  grant("forum");
  grant("shop");
  chmod("forum", 0);
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("forum: cannot be read: ")));
  EXPECT_EQ(in_force(), 1U);
}

TEST_F(KeyFolderTest, does_not_take_a_name_that_cannot_be_a_source) {
  grant("forum\nshop");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("this name cannot be a source")));
  EXPECT_EQ(in_force(), 0U);
}

TEST(MessageTypes, are_the_names_of_the_contracts_payloads_and_actions) {
  EXPECT_TRUE(all_message_types().contains("member_upserted"));
  EXPECT_TRUE(all_message_types().contains("create_account"));
  EXPECT_TRUE(all_message_types().contains("presence_observed"));
  EXPECT_FALSE(all_message_types().contains("revision"));
}

}  // namespace
}  // namespace rostrum::bus
