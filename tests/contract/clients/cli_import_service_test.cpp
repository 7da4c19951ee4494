// SPDX-License-Identifier: GPL-3.0-or-later
// The real rostrum, the real rostrum-registration and a real PostgreSQL.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "common/bus/keys.hpp"
#include "tests/contract/registration/child.hpp"
#include "tests/support/database/database.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Child;

class ImportIntoRegistration : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "needs deploy/lab/with_lab.py --postgres";
    database_.emplace();
    for (const auto* folder : {"keys", "authorized_keys"})
      std::filesystem::create_directory(files_.path_of(folder));
    for (const auto* name : {"registration", "sealing", "site", "gateway"})
      ASSERT_FALSE(bus::write_key_pair(files_.path_of("keys/") + name, bus::make_key_pair()));
    const auto site = bus::read_public_key(files_.path_of("keys/site.public")).value();
    files_.write("authorized_keys/site", "key " + site.z85() + "\nallow member_upserted group_upserted\n");
    const std::string listen = "tcp://127.0.0.1:" + std::to_string(test::free_port());
    files_.write(
        "rostrum.toml",
        "[registration]\nlisten = \"" + listen +
            "\"\nhttp = \"127.0.0.1:" + std::to_string(test::free_port()) +
            "\"\nsecret_key = \"keys/registration.secret\"\nauthorized_keys = "
            "\"authorized_keys\"\nsealing_key = "
            "\"keys/sealing.secret\"\ndatabase = \"" +
            database_->conninfo("rostrum_registration") +
            "\"\ngateways = [\"tcp://127.0.0.1:9\"]\ngateway_key = \"keys/gateway.public\"\ndomains = "
            "[\"site.test\"]\nreserved_jids = [\"site@site.test\"]\n[cli]\nsource_key = "
            "\"keys/site.secret\"\n"
            "registration = [\"" +
            listen +
            "\"]\nregistration_key = \"keys/registration.public\"\nsealing_key = "
            "\"keys/sealing.public\"\ndatabase = \"" +
            database_->conninfo("rostrum_reader") + "\"\n");
    start_registration();
  }
  void TearDown() override {
    if (HasFailure())
      std::cerr << "--- registration ---\n"
                << content_of("registration.log") << "--- rostrum ---\n"
                << content_of("out");
  }

  void start_registration() {
    registration_.reset();
    registration_ = std::make_unique<Child>(
        std::vector<std::string>{ROSTRUM_REGISTRATION, "--config", files_.path_of("rostrum.toml")},
        files_.path_of("registration.log"));
  }
  std::unique_ptr<Child> launch(const std::string& file) {
    return std::make_unique<Child>(
        std::vector<std::string>{ROSTRUM_CLI, "--config", files_.path_of("rostrum.toml"), "member", "import",
                                 files_.path_of(file), "--timeout", "60s"},
        files_.path_of("out"));
  }
  int import(const std::string& file) {
    const auto rostrum = launch(file);
    until("the import's end", [&] { return rostrum->ended(); });
    return rostrum->exit_code();
  }
  static void until(const std::string& what, const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(90);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("in vain: " + what);
      std::this_thread::sleep_for(milliseconds(5));
    }
  }
  [[nodiscard]] std::string content_of(const std::string& name) const {
    std::ifstream opened(files_.path_of(name));
    return {std::istreambuf_iterator<char>(opened), {}};
  }
  [[nodiscard]] long members() const {
    return std::stol(database_->value("SELECT count(*) FROM directory.member"));
  }
  void write_members(int count) {
    std::ostringstream text;
    text << "member_id,jid,display_name,groups,password\n";
    for (int i = 0; i < count; ++i)
      text << 'm' << i << ",m" << i << "@site.test,Member " << i << ",all,pass-" << i << '\n';
    files_.write("members.csv", text.str());
  }

  std::optional<test::Database> database_;
  test::TemporaryFolder files_;
  std::unique_ptr<Child> registration_;
};

TEST_F(ImportIntoRegistration, loses_and_doubles_nothing_when_either_side_is_killed) {
  constexpr int kMembers = 6'000;
  write_members(kMembers);
  for (const long part : {500, 2'000}) {
    const auto rostrum = launch("members.csv");
    until("a part", [&] { return members() > part || rostrum->ended(); });
    ASSERT_FALSE(rostrum->ended()) << "it was too fast to be killed";
    rostrum->signal(SIGKILL);
    until("its end", [&] { return rostrum->ended(); });
  }
  const auto rostrum = launch("members.csv");
  until("a part", [&] { return members() > 3'500 || rostrum->ended(); });
  start_registration();  // kill -9 of the one before
  until("its end", [&] { return rostrum->ended(); });
  EXPECT_EQ(rostrum->exit_code(), 0);
  EXPECT_EQ(members(), kMembers);
  EXPECT_EQ(database_->value("SELECT count(DISTINCT revision) FROM directory.member"), "1");
  EXPECT_EQ(database_->value(
                "SELECT count(*) FROM registration.account WHERE generation = 1 AND sealed_password IS NOT "
                "NULL"),
            std::to_string(kMembers));  // each was asked for once, although some rows came twice
  EXPECT_EQ(database_->value("SELECT count(*) FROM directory.member_group"), std::to_string(kMembers));
  EXPECT_EQ(database_->value("SELECT count(*) FROM registration.dead_letter"), "0");
}

TEST_F(ImportIntoRegistration, is_as_fast_as_registration_commits) {
  constexpr int kMembers = 6'000;
  write_members(kMembers);
  EXPECT_EQ(import("members.csv"), 0);
  EXPECT_EQ(members(), kMembers);
  const auto said = content_of("out");
  const auto begin = said.find("6000 accepted");
  ASSERT_NE(begin, std::string::npos);
  std::cout << "[ MEASURED ] " << said.substr(begin, said.find('\n', begin) - begin) << '\n';
}

TEST_F(ImportIntoRegistration, tells_what_only_registration_knows_and_what_is_still_to_be_stated) {
  files_.write(
      "members.csv",
      "member_id,jid,groups,password\nanna,anna@site.test,editors,plum\nben,ben@elsewhere.test,,pear\n"
      "site,site@site.test,,fig\ncleo,cleo@site.test,,\n");
  EXPECT_EQ(import("members.csv"), 3);
  const auto said = content_of("out");
  for (const auto* part :
       {"members.csv:3: rejected (FOREIGN_DOMAIN): ", "members.csv:4: rejected (RESERVED_JID): ",
        "members.csv:5: rejected (MISSING_FIELD): ", "4 rows: 1 accepted, 3 rejected",
        "not stated yet, so that announcements to them reach nobody", ": editors\n"})
    EXPECT_NE(said.find(part), std::string::npos) << part;
  const auto aside = content_of("members.rejected.csv");
  EXPECT_EQ(aside.rfind("rejected,member_id,jid,groups,password\nrejected (FOREIGN_DOMAIN): ", 0), 0U)
      << aside;
  EXPECT_NE(aside.find(",ben,ben@elsewhere.test,,pear\n"), std::string::npos) << aside;
}

}  // namespace
}  // namespace rostrum::cli
