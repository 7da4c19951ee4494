// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/cli/key/folders.hpp"
#include "clients/cli/roles.hpp"
#include "common/bus/key_folder.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// An installation in the usual layout, with a configuration that names one of the folders itself.
class Key : public ::testing::Test {
 protected:
  Key() {
    for (const auto* name :
         {"authorized_keys", "authorized_keys/registration", "authorized_keys/gateway", "elsewhere"})
      fs::create_directory(folder_.path_of(name));
    config_ = folder_.write("rostrum.toml", "[notification]\nauthorized_keys = \"elsewhere\"\n");
    public_file_ = folder_.write("forum.public", key_.z85() + "\n", 0644);
  }
  Called key(std::vector<std::string> words) {
    words.insert(words.begin(), {"--config", config_, "--json", "key"});
    return call(words);
  }
  bus::AuthorizedKeys in_force(const std::string& place) const {
    return bus::read_key_folder(folder_.path_of(place)).in_force();
  }
  static std::size_t files_in(const std::string& place) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(place), fs::directory_iterator()));
  }

  test::TemporaryFolder folder_;
  const bus::PublicKey key_ = bus::make_key_pair().public_key;
  std::string config_;
  std::string public_file_;
};

TEST_F(Key, is_granted_where_its_role_has_business_and_is_in_force_as_services_read_it) {
  const auto called = key({"grant", "forum", "--role", "site", "--key", public_file_});
  ASSERT_EQ(called.exit_code, 0) << called.err;
  for (const auto* place : {"authorized_keys/registration", "elsewhere"}) {
    const auto keys = in_force(place);
    const auto* forum = keys.find_by_key(key_);
    ASSERT_NE(forum, nullptr) << place;
    EXPECT_EQ(forum->name, "forum");
    EXPECT_TRUE(forum->may_send("notice_published"));
    EXPECT_FALSE(forum->may_send("create_account"));
    EXPECT_EQ(files_in(folder_.path_of(place)), 1U) << "nothing is left beside it";
  }
  EXPECT_EQ(in_force("authorized_keys/gateway").size(), 0U);
}

TEST_F(Key, is_taken_as_its_characters_and_needs_no_key_to_change_its_rights) {
  ASSERT_EQ(
      key({"grant", "forum", "--allow", "member_removed", "--service", "registration", "--key", key_.z85()})
          .exit_code,
      0);
  const auto called =
      key({"grant", "forum", "--allow", "group_removed,group_upserted", "--service", "registration"});
  ASSERT_EQ(called.exit_code, 0) << called.err;
  EXPECT_EQ(Json::parse(called.out)[0]["done"], "rights changed");
  const auto keys = in_force("authorized_keys/registration");
  EXPECT_TRUE(keys.find_by_key(key_)->may_send("group_removed"));
  EXPECT_FALSE(keys.find_by_key(key_)->may_send("member_removed"));
}

TEST_F(Key, says_when_another_one_takes_its_place) {
  ASSERT_EQ(key({"grant", "forum", "--role", "site", "--key", key_.z85()}).exit_code, 0);
  const auto other = bus::make_key_pair().public_key;
  const auto called = key({"grant", "forum", "--role", "site", "--key", other.z85()});
  EXPECT_EQ(Json::parse(called.out)[0]["done"], "another key than before");
  EXPECT_EQ(in_force("elsewhere").find_by_key(key_), nullptr);
  EXPECT_NE(in_force("elsewhere").find_by_key(other), nullptr);
}

TEST_F(Key, is_revoked_everywhere_or_where_it_is_said) {
  ASSERT_EQ(key({"grant", "forum", "--role", "site", "--key", public_file_}).exit_code, 0);
  ASSERT_EQ(key({"revoke", "forum", "--service", "notification"}).exit_code, 0);
  EXPECT_EQ(in_force("elsewhere").size(), 0U);
  EXPECT_EQ(in_force("authorized_keys/registration").size(), 1U);
  ASSERT_EQ(key({"revoke", "forum"}).exit_code, 0);
  EXPECT_EQ(in_force("authorized_keys/registration").size(), 0U);
  const auto called = key({"revoke", "forum"});
  EXPECT_EQ(called.exit_code, 1);
  EXPECT_NE(called.err.find("no key of forum here"), std::string::npos) << called.err;
}

TEST_F(Key, is_left_alone_by_a_dry_run) {
  const auto granted = key({"grant", "forum", "--role", "site", "--key", public_file_, "--dry-run"});
  ASSERT_EQ(granted.exit_code, 0) << granted.err;
  EXPECT_EQ(Json::parse(granted.out)[0]["done"], "would be: granted");
  EXPECT_EQ(in_force("elsewhere").size(), 0U);
  ASSERT_EQ(key({"grant", "forum", "--role", "site", "--key", public_file_}).exit_code, 0);
  ASSERT_EQ(key({"revoke", "forum", "--dry-run"}).exit_code, 0);
  EXPECT_EQ(in_force("elsewhere").size(), 1U);
}

TEST_F(Key, is_listed_with_its_rights_and_what_is_wrong) {
  ASSERT_EQ(key({"grant", "forum", "--role", "site", "--key", public_file_}).exit_code, 0);
  const auto loose =
      folder_.write("elsewhere/shop", "key " + bus::make_key_pair().public_key.z85() + "\n", 0666);
  folder_.write("authorized_keys/gateway/check", "let me in\n", 0644);
  const auto called = key({"list"});
  EXPECT_EQ(called.exit_code, static_cast<int>(ExitCode::kFoundBad));
  const auto rows = Json::parse(called.out);
  ASSERT_EQ(rows.size(), 4U) << called.out;
  EXPECT_EQ(rows[0]["service"], "registration");
  EXPECT_EQ(rows[0]["rights"], "site");
  EXPECT_EQ(rows[0]["key"], key_.z85());
  EXPECT_EQ(rows[0]["in_force"], true);
  EXPECT_EQ(rows[2]["name"], "shop");
  EXPECT_EQ(rows[2]["in_force"], false);
  EXPECT_EQ(rows[3]["key"], nullptr);
  EXPECT_NE(called.err.find("chmod go-w " + loose), std::string::npos) << called.err;
  const auto table = call({"--config", config_, "key", "list", "--service", "registration"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_NE(table.out.find("in force"), std::string::npos) << table.out;
}

TEST_F(Key, of_a_folder_that_others_may_write_is_in_force_nowhere) {
  ASSERT_EQ(key({"grant", "forum", "--role", "site", "--key", public_file_}).exit_code, 0);
  fs::permissions(folder_.path_of("elsewhere"), fs::perms{0777});
  const auto rows = Json::parse(key({"list", "--service", "notification"}).out);
  EXPECT_EQ(rows[0]["in_force"], false);
  const auto called = key({"grant", "forum", "--role", "site"});
  EXPECT_EQ(called.exit_code, static_cast<int>(ExitCode::kFoundBad));
  EXPECT_NE(called.err.find("chmod go-w"), std::string::npos) << called.err;
}

TEST_F(Key, in_a_folder_of_the_services_user_is_in_force_for_whoever_looks) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  constexpr uid_t kService = 65'534;
  ASSERT_EQ(key({"grant", "forum", "--role", "site", "--key", public_file_}).exit_code, 0);
  for (const auto* place : {"elsewhere", "elsewhere/forum"})
    ASSERT_EQ(::chown(folder_.path_of(place).c_str(), kService, static_cast<gid_t>(-1)), 0);
  const auto called = key({"list"});
  EXPECT_EQ(called.exit_code, 0) << called.err;
  EXPECT_EQ(key({"grant", "forum", "--role", "site"}).exit_code, 0) << "root may write there as well";
}

TEST_F(Key, that_another_name_has_is_not_granted_for_both_would_be_refused) {
  ASSERT_EQ(key({"grant", "forum", "--role", "site", "--key", public_file_}).exit_code, 0);
  const auto called = key({"grant", "shop", "--role", "site", "--key", public_file_});
  EXPECT_EQ(called.exit_code, 1);
  EXPECT_NE(called.err.find("names this key already"), std::string::npos) << called.err;
  EXPECT_EQ(in_force("elsewhere").size(), 1U);
}

TEST_F(Key, goes_by_no_other_way_than_its_name) {
  for (const auto* name :
       {"", ".", "..", ".hidden", "../forum", "a/b", "/etc/passwd", "a b", "a\n", "forum~"}) {
    EXPECT_EQ(key({"grant", name, "--role", "site", "--key", public_file_}).exit_code, 2) << name;
    EXPECT_EQ(key({"revoke", name}).exit_code, 2) << name;
  }
  const auto outside = folder_.write("outside", "mine\n");
  fs::create_symlink(outside, folder_.path_of("elsewhere/forum"));
  ASSERT_EQ(key({"grant", "forum", "--role", "site", "--key", public_file_}).exit_code, 0);
  std::ifstream untouched(outside);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(untouched), {}), "mine\n")
      << "the link went, not its end";
  EXPECT_EQ(in_force("elsewhere").size(), 1U);
}

TEST_F(Key, needs_to_know_what_it_may_and_which_it_is) {
  EXPECT_EQ(key({"grant", "forum", "--key", public_file_}).exit_code, 2);
  EXPECT_EQ(key({"grant", "forum", "--allow", "everything", "--service", "gateway", "--key", public_file_})
                .exit_code,
            2);
  EXPECT_EQ(key({"grant", "forum", "--allow", "member_removed", "--key", public_file_}).exit_code, 2);
  const auto called = key({"grant", "forum", "--role", "site"});
  EXPECT_EQ(called.exit_code, 2);
  EXPECT_NE(called.err.find("--key is needed"), std::string::npos) << called.err;
  const auto secret = folder_.write("forum.secret", key_.z85() + "\n");
  EXPECT_EQ(key({"grant", "forum", "--role", "site", "--key", secret}).exit_code, 2);
}

TEST(Settings, with_a_password_that_others_may_read_are_refused_with_what_mends_it) {
  const test::TemporaryFolder folder;
  for (const auto* setting :
       {"database = \"host=db password = 'secret'\"", "database = \"postgresql://reader:secret@db/rostrum\"",
        "owner_database = \"host=db password = 'secret'\"",
        "operator_database = \"host=db password = 'secret'\""}) {
    const std::string text = std::string("[cli]\n") + setting + "\n";
    const auto path = folder.write("rostrum.toml", text, 0644);
    const auto called = call({"--config", path, "group", "list"});
    EXPECT_EQ(called.exit_code, 2);
    EXPECT_NE(called.err.find("chmod 600 " + path), std::string::npos) << called.err;
    EXPECT_EQ(called.err.find("secret"), std::string::npos) << "nor is it shown";
    EXPECT_NO_THROW(static_cast<void>(load_settings(folder.write("rostrum.toml", text, 0600), {})));
  }
  EXPECT_NO_THROW(static_cast<void>(
      load_settings(folder.write("rostrum.toml", "[cli]\ndatabase = \"host=db\"\n", 0644), {})));
}

TEST(KeyFolders, are_known_for_every_role) {
  for (const auto& role : all_roles()) {
    for (const auto& service : key::services_for(role))
      EXPECT_NE(std::find(key::services().begin(), key::services().end(), service), key::services().end())
          << role;
  }
}

}  // namespace
}  // namespace rostrum::cli
