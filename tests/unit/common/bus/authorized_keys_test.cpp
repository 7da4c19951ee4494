// SPDX-License-Identifier: Apache-2.0
#include "common/bus/authorized_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/bus/message_types.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::bus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> mistakes_in(const test::TemporaryFolder& directory) {
  const auto read = AuthorizedKeys::read(directory.path());
  return read.ok() ? std::vector<std::string>{} : read.error();
}

TEST(AuthorizedKeys, name_each_peer_and_what_it_may_send) {
  const test::TemporaryFolder directory;
  const auto key = make_key_pair().public_key;
  directory.write("forum", "# the forum\n\nkey " + key.z85() +
                               "\nallow member_upserted member_removed\nallow  notice_published\n");
  const auto keys = AuthorizedKeys::read(directory.path());
  ASSERT_TRUE(keys.ok()) << keys.error().front();
  const auto* forum = keys.value().find_by_key(key);
  ASSERT_NE(forum, nullptr);
  EXPECT_EQ(forum->name, "forum");
  EXPECT_TRUE(forum->may_send("member_upserted"));
  EXPECT_TRUE(forum->may_send("notice_published"));
  EXPECT_FALSE(forum->may_send("group_upserted"));
  EXPECT_EQ(keys.value().find_by_name("forum"), forum);
  EXPECT_EQ(keys.value().find_by_name("shop"), nullptr);
  EXPECT_EQ(keys.value().find_by_key(make_key_pair().public_key), nullptr);
}

TEST(AuthorizedKeys, an_empty_directory_is_nobody_and_hidden_and_backup_files_are_passed_over) {
  const test::TemporaryFolder directory;
  directory.write(".swap", "garbage");
  directory.write("forum~", "garbage");
  const auto keys = AuthorizedKeys::read(directory.path());
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys.value().size(), 0U);
}

TEST(AuthorizedKeys, say_all_mistakes_at_once) {
  const test::TemporaryFolder directory;
  const auto key = make_key_pair().public_key.z85();
  directory.write("a", "key " + key + "\n");
  directory.write("b", "key " + key + "\n");
  directory.write("c", "key 123\nallow member_upserted member_exploded\nlet me in\n");
  directory.write("d", "allow member_upserted\n");
  EXPECT_THAT(mistakes_in(directory),
              ElementsAre(HasSubstr("b: the same key as in"), HasSubstr("c: line 1: not a public key"),
                          HasSubstr("c: line 2: 'member_exploded' is not a message type; there are: "),
                          HasSubstr("c: line 3: 'let' is not known"), HasSubstr("d: names no key")));
}

TEST(AuthorizedKeys, that_others_may_write_are_refused_with_the_command_that_mends_it) {
  const test::TemporaryFolder directory;
  directory.write("forum", "key " + make_key_pair().public_key.z85() + "\n");
  std::filesystem::permissions(directory.path_of("forum"), std::filesystem::perms{0664});
  EXPECT_THAT(mistakes_in(directory),
              ElementsAre(HasSubstr("forum: others may write it; mend it: chmod go-w ")));
  std::filesystem::permissions(directory.path_of("forum"), std::filesystem::perms{0644});
  std::filesystem::permissions(directory.path(), std::filesystem::perms{0777});
  EXPECT_THAT(mistakes_in(directory), ElementsAre(HasSubstr("others may write it")));
}

TEST(AuthorizedKeys, a_missing_directory_is_a_mistake_not_nobody) {
  EXPECT_FALSE(AuthorizedKeys::read("/nonexistent/authorized_keys").ok());
}

TEST(MessageTypes, are_the_names_of_the_contracts_payloads_and_actions) {
  EXPECT_TRUE(all_message_types().contains("member_upserted"));
  EXPECT_TRUE(all_message_types().contains("create_account"));
  EXPECT_TRUE(all_message_types().contains("presence_observed"));
  EXPECT_FALSE(all_message_types().contains("revision"));
}

}  // namespace
}  // namespace rostrum::bus
