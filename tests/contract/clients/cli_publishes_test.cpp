// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "clients/cli/check/finding.hpp"
#include "clients/cli/output.hpp"
#include "rostrum/v1/bus.pb.h"
#include "rostrum/v1/event.pb.h"
#include "tests/contract/clients/publisher_fixture.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

/// `rostrum` on the fixture's keys and stub intakes.
class CliPublishes : public PublisherTest {
 protected:
  Called rostrum(std::vector<std::string> words, const std::string& input = {}) {
    const auto endpoint = [](const std::unique_ptr<StubIntake>& intake) {
      return intake ? intake->endpoint() : std::string("tcp://127.0.0.1:9");
    };
    directory_.write(
        "rostrum.toml",
        "[cli]\nsource_key = \"keys/site.secret\"\nregistration = [\"" + endpoint(registration_) +
            "\"]\nregistration_key = \"keys/registration.public\"\nnotification = [\"" +
            endpoint(notification_) +
            "\"]\nnotification_key = \"keys/notification.public\"\nsealing_key = \"keys/sealing.public\"\n");
    words.insert(words.begin(), {"--config", file("rostrum.toml")});
    return call(words, input);
  }

  [[nodiscard]] v1::Event last() const {
    v1::Event message;
    EXPECT_FALSE(ledger_.events().empty());
    EXPECT_TRUE(message.ParseFromString(ledger_.events().back().bytes));
    return message;
  }
};

TEST_F(CliPublishes, a_member_with_groups_and_a_sealed_password) {
  start_registration();
  const auto called = rostrum({"member", "add", "anna", "--jid", "anna@site.test", "--name", "Anna",
                               "--group", "a", "--group", "b", "--password-file", "-", "--revision", "7"},
                              "plum 7 tree\n");
  EXPECT_EQ(called.exit_code, 0) << called.err;
  EXPECT_EQ(called.out.rfind("member anna: accepted (event ", 0), 0U) << called.out;
  const auto event = last();
  EXPECT_EQ(event.subject(), "anna");
  EXPECT_EQ(event.revision(), 7U);
  EXPECT_EQ(event.member_upserted().group_ids_size(), 2);
  EXPECT_EQ(bus::open_sealed(event.member_upserted().sealed_password(), sealing_)->reveal(), "plum 7 tree");
}

TEST_F(CliPublishes, a_group_with_a_revision_of_its_own) {
  start_registration();
  ASSERT_EQ(rostrum({"group", "add", "editors", "--title", "The editors"}).exit_code, 0);
  const auto first = last().revision();
  ASSERT_EQ(rostrum({"group", "add", "editors", "--title", "All editors"}).exit_code, 0);
  EXPECT_GT(last().revision(), first);
}

TEST_F(CliPublishes, an_announcement_and_gives_programs_its_id) {
  start_notification();
  const auto called =
      rostrum({"--json", "announce", "--group", "editors", "--expires-in", "2h", "-"}, "two\nlines\n");
  EXPECT_EQ(called.exit_code, 0) << called.err;
  const auto answer = Json::parse(called.out);
  EXPECT_EQ(answer["status"], "accepted");
  EXPECT_EQ(answer["event_id"], ledger_.ids().front().to_string());
  const auto event = last();
  EXPECT_EQ(event.notice_published().body(), "two\nlines");
  const auto seconds_left = event.notice_published().expires_at().seconds() - event.time().seconds();
  EXPECT_NEAR(static_cast<double>(seconds_left), 7'200, 5);
}

TEST_F(CliPublishes, and_tells_a_rejection_by_its_exit_code_and_its_words) {
  auto stub = intake_settings();
  stub.verdict = [](const bus::ReceivedEvent&) {
    return std::make_pair(static_cast<int>(v1::REJECTION_CODE_UNKNOWN_MEMBER), std::string("no such member"));
  };
  start_registration(std::move(stub));
  const auto for_people = rostrum({"member", "remove", "anna"});
  EXPECT_EQ(for_people.exit_code, 3);
  EXPECT_EQ(for_people.err, "rostrum: member anna: rejected (UNKNOWN_MEMBER): no such member\n");
  const auto for_programs = rostrum({"member", "remove", "anna", "--json"});
  EXPECT_EQ(for_programs.exit_code, 3);
  EXPECT_EQ(Json::parse(for_programs.out)["code"], "UNKNOWN_MEMBER");
}

TEST_F(CliPublishes, and_says_that_nothing_was_published_when_nobody_is_there) {
  const auto called = rostrum({"member", "remove", "anna"});
  EXPECT_EQ(called.exit_code, 4);
  EXPECT_NE(called.err.find("nothing was published"), std::string::npos) << called.err;
}

TEST_F(CliPublishes, and_names_the_key_of_the_configuration_that_is_wrong) {
  start_registration();
  directory_.write("keys/site.secret", "not a key\n");
  const auto called = rostrum({"member", "remove", "anna"});
  EXPECT_EQ(called.exit_code, 2);
  EXPECT_NE(called.err.find("site.secret"), std::string::npos) << called.err;
  EXPECT_EQ(called.err.find("not a key"), std::string::npos) << called.err;
}

class CheckLooks : public PublisherTest {
 protected:
  [[nodiscard]] Settings cli_settings() const {
    Settings settings;
    settings.source_key = file("keys/site.secret");
    settings.registration = {registration_->endpoint()};
    settings.registration_key = file("keys/registration.public");
    return settings;
  }
  /// The finding about registration.
  [[nodiscard]] static check::Finding look(const Settings& settings) {
    return check::look_at_intakes(settings).front();
  }
};

TEST_F(CheckLooks, at_an_intake_that_lets_us_in) {
  start_registration();
  EXPECT_TRUE(look(cli_settings()).good);
}

TEST_F(CheckLooks, at_an_intake_that_takes_nothing_now) {
  auto closed = intake_settings();
  closed.open = false;
  start_registration(std::move(closed));
  const auto finding = look(cli_settings());
  EXPECT_FALSE(finding.good);
  EXPECT_NE(finding.detail.find("takes nothing now"), std::string::npos) << finding.detail;
}

TEST_F(CheckLooks, at_an_intake_that_does_not_know_our_key) {
  start_registration();
  auto settings = cli_settings();
  settings.source_key = file("keys/stranger.secret");
  const auto finding = look(settings);
  EXPECT_FALSE(finding.good);
  EXPECT_NE(finding.remedy.find("rostrum key grant"), std::string::npos) << finding.remedy;
}

TEST_F(CheckLooks, at_an_intake_that_is_not_the_one_we_mean) {
  start_registration();
  auto settings = cli_settings();
  settings.registration_key = file("keys/notification.public");
  EXPECT_FALSE(look(settings).good);
}

TEST_F(CheckLooks, at_secret_keys_that_others_can_read) {
  start_registration();
  auto settings = cli_settings();
  EXPECT_TRUE(check::look_at_keys(settings).front().good);
  std::filesystem::permissions(settings.source_key, std::filesystem::perms(0644));
  const auto finding = check::look_at_keys(settings).front();
  EXPECT_FALSE(finding.good);
  EXPECT_NE(finding.remedy.find("chmod"), std::string::npos) << finding.remedy;
}

}  // namespace
}  // namespace rostrum::cli
