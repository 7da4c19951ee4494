// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "clients/cli/output.hpp"
#include "rostrum/v1/bus.pb.h"
#include "rostrum/v1/event.pb.h"
#include "tests/contract/clients/publisher_fixture.hpp"
#include "tests/contract/registration/child.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

constexpr const char* kHead = "member_id,jid,display_name,groups,password\n";

/// `rostrum member import` on the fixture's keys and a stub of registration's intake.
class CliImports : public PublisherTest {
 protected:
  CliImports() { configure("tcp://127.0.0.1:9"); }

  void configure(const std::string& endpoint) {
    directory_.write("rostrum.toml",
                     "[cli]\nsource_key = \"keys/site.secret\"\nregistration = [\"" + endpoint +
                         "\"]\nregistration_key = \"keys/registration.public\"\nsealing_key = "
                         "\"keys/sealing.public\"\n");
  }
  void start(StubIntake::Settings stub) {
    start_registration(std::move(stub));
    configure(registration_->endpoint());
  }
  void start() { start(intake_settings()); }

  [[nodiscard]] std::vector<std::string> command(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--config", file("rostrum.toml"), "member", "import"});
    return words;
  }
  Called import(const std::vector<std::string>& words) { return call(command(words)); }
  Called import() { return import({file("members.csv")}); }
  /// The real executable, which can be killed.
  std::unique_ptr<test::Child> launch() {
    auto words = command({file("members.csv"), "--timeout", "60s"});
    words.insert(words.begin(), ROSTRUM_CLI);
    return std::make_unique<test::Child>(words, file("out"));
  }
  static void until(const std::string& what, const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("in vain: " + what);
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  [[nodiscard]] std::string content_of(const std::string& name) const {
    std::ifstream opened(file(name));
    return {std::istreambuf_iterator<char>(opened), {}};
  }
  [[nodiscard]] bool exists(const std::string& name) const { return std::filesystem::exists(file(name)); }

  void write_members(int count) {
    std::ostringstream text;
    text << kHead;
    for (int i = 0; i < count; ++i)
      text << 'm' << i << ",m" << i << "@site.test,Member " << i << ",all;g" << i % 7 << ",pass-" << i
           << '\n';
    directory_.write("members.csv", text.str());
  }
  [[nodiscard]] std::vector<v1::Event> events() const {
    std::vector<v1::Event> all;
    for (const auto& received : ledger_.events())
      EXPECT_TRUE(all.emplace_back().ParseFromString(received.bytes));
    return all;
  }
  /// Every member is stated with what the file says of it, and however often, under one revision: what comes
  /// twice has one effect.
  void expect_each_once(int count) const {
    std::map<std::string, std::uint64_t> revision_of;
    for (const auto& event : events()) {
      revision_of[event.subject()] = event.revision();
      ASSERT_EQ(event.revision(), revision_of.begin()->second);
      ASSERT_EQ(event.member_upserted().jid(), event.subject() + "@site.test");
      ASSERT_EQ(event.member_upserted().group_ids_size(), 2);
    }
    EXPECT_EQ(revision_of.size(), static_cast<std::size_t>(count));
  }
  static void expect_contains(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
};

TEST_F(CliImports, thousands_of_members_at_the_pace_the_intake_takes_them) {
  constexpr int kMembers = 6'000;
  start();
  write_members(kMembers);
  const auto began = std::chrono::steady_clock::now();
  const auto called = import();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  EXPECT_EQ(called.exit_code, 0) << called.err;
  expect_contains(called.out, "members.csv: 6000 rows: 6000 accepted, 0 rejected");
  EXPECT_EQ(ledger_.events().size(), static_cast<std::size_t>(kMembers));
  expect_each_once(kMembers);
  EXPECT_FALSE(exists("members.csv.progress"));
  EXPECT_FALSE(exists("members.rejected.csv"));
  std::cout << "[ MEASURED ] " << static_cast<long>(kMembers / took.count())
            << " rows/s into a stub, with passwords sealed\n";
}

TEST_F(CliImports, each_row_as_the_file_says_it_with_its_password_sealed) {
  start();
  directory_.write("members.csv", std::string(kHead) +
                                      "anna,anna@site.test,\"Anna, \"\"B.\"\"\",a;b|c,plum 7 tree\n"
                                      "ben,ben@site.test,,,\n");
  ASSERT_EQ(import({file("members.csv"), "--revision", "7"}).exit_code, 0);
  const auto all = events();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].revision(), 7U);
  EXPECT_EQ(all[0].member_upserted().display_name(), "Anna, \"B.\"");
  EXPECT_EQ(all[0].member_upserted().group_ids_size(), 3);
  EXPECT_EQ(bus::open_sealed(all[0].member_upserted().sealed_password(), sealing_)->reveal(), "plum 7 tree");
  EXPECT_EQ(all[1].member_upserted().sealed_password(), "");
}

TEST_F(CliImports, goes_on_after_a_kill_and_nothing_is_lost_or_doubled) {
  constexpr int kMembers = 8'000;
  auto stub = intake_settings();
  stub.limits.window = 64;
  start(std::move(stub));
  write_members(kMembers);
  std::size_t seen = 0;
  for (int kill = 0; kill < 3; ++kill) {
    const auto rostrum = launch();
    until("a good part", [&] { return registration_->seen() > seen + 1'000 || rostrum->ended(); });
    ASSERT_FALSE(rostrum->ended()) << content_of("out");
    rostrum->signal(SIGKILL);
    until("its end", [&] { return rostrum->ended(); });
    seen = registration_->seen();
    ASSERT_LT(ledger_.events().size(), static_cast<std::size_t>(kMembers));
    ASSERT_TRUE(exists("members.csv.progress"));
  }
  const auto called = import();
  EXPECT_EQ(called.exit_code, 0) << called.err;
  expect_contains(called.out, "goes on behind ");
  expect_contains(called.out, "8000 rows: 8000 accepted, 0 rejected; ");
  expect_each_once(kMembers);
  const auto repeated = ledger_.events().size() - kMembers;
  EXPECT_LT(repeated, 3 * 4'096U);  // what was under way, and what the place did not know of yet
  std::cout << "[ MEASURED ] " << repeated << " of " << kMembers << " rows stated again after 3 kills\n";
  EXPECT_FALSE(exists("members.csv.progress"));
}

TEST_F(CliImports, stops_at_ctrl_c_and_says_how_to_go_on) {
  constexpr int kMembers = 8'000;
  auto stub = intake_settings();
  stub.limits.window = 64;
  start(std::move(stub));
  write_members(kMembers);
  const auto rostrum = launch();
  until("a part", [&] { return registration_->seen() > 500 || rostrum->ended(); });
  rostrum->signal(SIGINT);
  until("its end", [&] { return rostrum->ended(); });
  EXPECT_EQ(rostrum->exit_code(), 4) << content_of("out");
  expect_contains(content_of("out"), "members.csv: stopped behind ");
  expect_contains(content_of("out"), "the same command goes on there");
  const auto called = import();
  EXPECT_EQ(called.exit_code, 0) << called.err;
  expect_each_once(kMembers);
  EXPECT_EQ(ledger_.events().size(),
            static_cast<std::size_t>(kMembers));  // it had waited for what was under way
}

TEST_F(CliImports, does_not_mind_an_intake_that_dies_and_comes_back) {
  constexpr int kMembers = 6'000;
  const std::string listen = "tcp://127.0.0.1:" + std::to_string(test::free_port());
  const auto stub = [&] {
    auto settings = intake_settings();
    settings.listen = listen;
    settings.limits.window = 64;
    return settings;
  };
  start(stub());
  write_members(kMembers);
  const auto rostrum = launch();
  until("a part", [&] { return registration_->seen() > 1'000 || rostrum->ended(); });
  registration_.reset();
  start(stub());
  until("its end", [&] { return rostrum->ended(); });
  EXPECT_EQ(rostrum->exit_code(), 0) << content_of("out");
  expect_each_once(kMembers);
}

TEST_F(CliImports, gives_up_on_an_intake_that_is_away_and_goes_on_when_it_is_back) {
  write_members(100);
  const auto away = import({file("members.csv"), "--timeout", "1s"});
  EXPECT_EQ(away.exit_code, 4);
  expect_contains(away.err, "members.csv: stopped behind 0 of 100 rows: registration takes nothing (");
  start();
  EXPECT_EQ(import().exit_code, 0);
  expect_each_once(100);
}

TEST_F(CliImports, puts_rejected_rows_aside_with_their_reasons_to_be_mended_and_imported_alone) {
  auto stub = intake_settings();
  stub.verdict = [](const bus::ReceivedEvent& received) -> std::optional<std::pair<int, std::string>> {
    v1::Event event;
    EXPECT_TRUE(event.ParseFromString(received.bytes));
    if (event.member_upserted().jid() != "taken@site.test") return std::nullopt;
    return std::make_pair(static_cast<int>(v1::REJECTION_CODE_JID_TAKEN),
                          std::string("jid: another member has this JID"));
  };
  start(std::move(stub));
  directory_.write("members.csv",
                   std::string(kHead) + "anna,anna@site.test,,,plum\nben,taken@site.test,\"B, en\",,pear\n");
  const auto called = import();
  EXPECT_EQ(called.exit_code, 3);
  expect_contains(called.err, "members.csv:3: rejected (JID_TAKEN): jid: another member has this JID\n");
  expect_contains(called.out, "2 rows: 1 accepted, 1 rejected");
  expect_contains(called.out,
                  "members.rejected.csv with their reasons; mend them there and import that file\n");
  EXPECT_EQ(content_of("members.rejected.csv"),
            "rejected,member_id,jid,display_name,groups,password\n"
            "rejected (JID_TAKEN): jid: another member has this JID,ben,taken@site.test,\"B, en\",,pear\n");

  auto mended = content_of("members.rejected.csv");
  mended.replace(mended.find("taken@"), 6, "ben@");
  directory_.write("members.rejected.csv", mended);
  EXPECT_EQ(import({file("members.rejected.csv")}).exit_code, 0);
  EXPECT_EQ(events().back().member_upserted().display_name(), "B, en");
  EXPECT_EQ(bus::open_sealed(events().back().member_upserted().sealed_password(), sealing_)->reveal(),
            "pear");
}

TEST_F(CliImports, nothing_of_a_file_with_mistakes_unless_told_to) {
  start();
  directory_.write("members.csv",
                   std::string(kHead) + "anna,anna@site.test,,,\nben,BEN@site.test,,,\n,x@site.test,,,\n");
  const auto refused = import();
  EXPECT_EQ(refused.exit_code, 3);
  expect_contains(refused.err, "members.csv:3: jid: ");
  expect_contains(refused.err, "members.csv:4: member_id is missing\n");
  expect_contains(refused.err, "2 rows of 3 cannot be stated as they stand, so nothing was sent.");
  EXPECT_TRUE(ledger_.events().empty());

  const auto called = import({file("members.csv"), "--skip-bad"});
  EXPECT_EQ(called.exit_code, 3);
  EXPECT_EQ(ledger_.events().size(), 1U);
  expect_contains(content_of("members.rejected.csv"), "\nmember_id is missing,,x@site.test,,,\n");
  directory_.write("members.csv", std::string(kHead) + "anna,anna@site.test,,,\nben,\"ben@site.test,,,\n");
  const auto endless = import({file("members.csv"), "--skip-bad"});
  EXPECT_EQ(endless.exit_code, 3);
  expect_contains(endless.err, "members.csv:3: the quote that begins in line 3 never ends\n");
  EXPECT_EQ(ledger_.events().size(), 1U);
}

TEST_F(CliImports, takes_nothing_from_a_rejected_row_that_nobody_mended) {
  start();
  directory_.write("members.csv",
                   std::string(kHead) + "zed,zed@site.test,Miller, Ben,editors,real-password-1\n");
  EXPECT_EQ(import({file("members.csv"), "--skip-bad"}).exit_code, 3);
  const auto aside = content_of("members.rejected.csv");
  const auto again = import({file("members.rejected.csv")});
  EXPECT_EQ(again.exit_code, 3);
  expect_contains(again.err, "members.rejected.csv:2: 7 fields where the first line has 6: ");
  EXPECT_EQ(import({file("members.rejected.csv"), "--skip-bad"}).exit_code, 3);
  EXPECT_TRUE(ledger_.events().empty());

  auto mended = aside;
  mended.replace(mended.find("Miller, Ben"), 11, "\"Miller, Ben\"");
  directory_.write("members.rejected.csv", mended);
  const auto taken = import({file("members.rejected.csv")});
  EXPECT_EQ(taken.exit_code, 0) << taken.err;
  const auto all = events();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].subject(), "zed");
  EXPECT_EQ(all[0].member_upserted().display_name(), "Miller, Ben");
  EXPECT_EQ(bus::open_sealed(all[0].member_upserted().sealed_password(), sealing_)->reveal(),
            "real-password-1");
}

TEST_F(CliImports, goes_on_under_the_revision_it_began_with_and_under_no_other) {
  write_members(10);
  const auto with = [this](const std::string& revision) {
    return import({file("members.csv"), "--timeout", "1s", "--revision", revision});
  };
  EXPECT_EQ(with("7").exit_code, 4);
  const auto other = with("8");
  EXPECT_EQ(other.exit_code, 2);
  expect_contains(other.err, "stopped behind 0 rows, all under revision 7; it goes on without --revision");
  start();
  EXPECT_EQ(with("7").exit_code, 0);
  EXPECT_EQ(events().front().revision(), 7U);
  expect_each_once(10);
}

TEST_F(CliImports, begins_anew_with_another_file_or_when_told_to) {
  auto silent = intake_settings();
  silent.answering = false;
  start(std::move(silent));
  write_members(10);
  ASSERT_EQ(import({file("members.csv"), "--timeout", "1s"}).exit_code, 4);
  registration_.reset();
  start();
  EXPECT_EQ(import({file("members.csv"), "--dry-run"}).exit_code, 0);
  write_members(20);
  const auto other = import();
  EXPECT_EQ(other.exit_code, 0) << other.err;
  expect_contains(other.err, "has changed since an import of it stopped: begins anew\n");
  expect_each_once(20);

  registration_.reset();
  directory_.write("members.csv.progress", "not to be understood");
  start();
  EXPECT_EQ(import().exit_code, 2);
  EXPECT_EQ(import({file("members.csv"), "--restart"}).exit_code, 0);
}

TEST_F(CliImports, shows_no_password_anywhere) {
  auto stub = intake_settings();
  stub.answering = false;
  start(std::move(stub));
  directory_.write("members.csv", std::string(kHead) + "anna,anna@site.test,,,plum-7-tree\n");
  std::string said;
  for (const auto& words :
       std::vector<std::vector<std::string>>{{file("members.csv"), "--timeout", "1s"},
                                             {file("members.csv"), "--dry-run"},
                                             {file("members.csv"), "--dry-run", "--json"}}) {
    const auto called = import(words);
    said += called.out + called.err;
  }
  for (const auto* content : {"member_id,jid,password\nanna,anna@site.test,\"plum-7-tree\x01\"\n",
                              "anna,plum-7-tree\n", "member_id,jid,password\nanna,\"x\"plum-7-tree,\n"}) {
    directory_.write("bad.csv", content);
    const auto called = import({file("bad.csv")});
    EXPECT_NE(called.exit_code, 0);
    said += called.out + called.err;
  }
  EXPECT_EQ(said.find("plum-7-tree"), std::string::npos) << said;
  EXPECT_EQ(content_of("members.csv.progress").find("plum"), std::string::npos);
}

TEST_F(CliImports, says_what_it_would_do_and_does_nothing) {
  directory_.write(
      "members.jsonl",
      "{\"member_id\":\"anna\",\"jid\":\"anna@site.test\",\"groups\":[\"a\",\"b\"],\"password\":\"p\"}\n"
      "{\"member_id\":\"ben\",\"jid\":\"ben@site.test\"}\n{\"member_id\":\"cleo\"}\n");
  const auto called = import({file("members.jsonl"), "--dry-run"});
  EXPECT_EQ(called.exit_code, 3);
  expect_contains(called.err, "members.jsonl:3: jid is missing\n");
  expect_contains(called.out, "members.jsonl: 3 rows, 2 good, 1 with mistakes\n");
  expect_contains(called.out,
                  "would state 2 members in 2 groups, 1 of them with a password; nothing was sent\n");
  const auto json = Json::parse(import({file("members.jsonl"), "--dry-run", "--json"}).out);
  EXPECT_EQ(json["good"], 2);
  EXPECT_EQ(json["groups"], Json::array({"a", "b"}));
  EXPECT_EQ(json["mistakes"][0]["line"], 3);
  EXPECT_FALSE(exists("members.jsonl.progress"));
}

TEST_F(CliImports, says_what_is_wrong_with_the_command) {
  start();
  write_members(1);
  EXPECT_EQ(import({file("missing.csv")}).exit_code, 2);
  expect_contains(import({file("rostrum.toml")}).err, "--format csv or --format jsonl");
  directory_.write("empty.csv", "");
  expect_contains(import({file("empty.csv")}).err, "empty.csv: the file is empty");
  directory_.write("keys/site.secret", "not a key\n");
  EXPECT_EQ(import().exit_code, 2);
}

}  // namespace
}  // namespace rostrum::cli
