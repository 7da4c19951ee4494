// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/notification/service.hpp"

#include <set>
#include <sstream>
#include <utility>

namespace rostrum::notification {
namespace {

using Status = bus::CommandResult::Status;
using Fate = bus::EventOutcome::Status;

TEST_F(Service, takes_a_notice_to_the_gateway_and_its_receipts_back) {
  member("anna");
  member("berta");
  const auto notice = published(to_all());
  until("the gateway is asked", [&] { return asked.size() == 2; });
  const auto messages = asked;
  answer_all(Status::kDone);
  until("both are sent", [&] { return progress(notice) == "2 0 2 0 0 0 0"; });
  for (const auto& one : messages) offer(*gateway_events, receipt(one.message.stanza_id(), one.message.to()));
  until("both are delivered", [&] { return progress(notice) == "2 0 0 2 0 0 0"; });
  until("the notice is done",
        [&] { return database->value("SELECT state FROM notification.notices") == "done"; });
}

TEST_F(Service, answers_a_repeated_notice_as_a_duplicate_and_sends_it_once) {
  member("anna");
  const auto event = to_all();
  const auto id = make_id();
  offer_again(*site, id, event);
  EXPECT_EQ(outcome_of(id).status, Fate::kAccepted);
  offer_again(*site, id, event);
  EXPECT_EQ(outcome_of(id).status, Fate::kDuplicate);
  until("the gateway is asked", [&] { return !asked.empty(); });
  EXPECT_EQ(database->value("SELECT count(*) FROM notification.delivery"), "1");
}

TEST_F(Service, names_what_is_wrong_and_keeps_nothing_of_it) {
  auto bell = to_all();
  bell.mutable_notice_published()->set_body("\x07");
  auto late = to_all();
  late.mutable_notice_published()->mutable_expires_at()->set_seconds(1'600'000'000);
  const auto code_of = [this](bus::EventPublisher& publisher, const v1::Event& event) {
    return outcome_of(offer(publisher, event)).rejection_code;
  };
  EXPECT_EQ(code_of(*site, bell), v1::REJECTION_CODE_INVALID_TEXT);
  EXPECT_EQ(code_of(*site, late), v1::REJECTION_CODE_INVALID_FIELD);
  EXPECT_EQ(code_of(*site, to_groups({})), v1::REJECTION_CODE_MISSING_FIELD);
  EXPECT_EQ(code_of(*site, receipt("x", "anna@site.test")), v1::REJECTION_CODE_NOT_AUTHORIZED)
      << "a site cannot confirm its own notices";
  EXPECT_EQ(code_of(*gateway_events, to_all()), v1::REJECTION_CODE_NOT_AUTHORIZED)
      << "a gateway cannot speak for a site";
  EXPECT_EQ(
      database->value(
          "SELECT (SELECT count(*) FROM notification.notice) + (SELECT count(*) FROM notification.ledger)"),
      "0");
}

TEST_F(Service, that_is_killed_loses_nothing_and_repeats_only_what_nobody_confirmed) {
  many_members(40);
  const auto notice = published(to_all());
  until("the gateway is asked", [&] { return asked.size() == 40; });
  kill();
  const auto messages = std::exchange(asked, {});
  start();
  // Half of the members have it and say so.
  for (std::size_t i = 0; i < 20; ++i)
    offer(*gateway_events, receipt(messages[i].message.stanza_id(), messages[i].message.to()));
  until("the receipts are in", [&] { return progress(notice) == "40 20 0 20 0 0 0"; });
  database->run("UPDATE notification.delivery SET due = now() WHERE state = 'attempting'");  // the holds end
  until("the others are repeated", [&] { return asked.size() == 20; });
  answer_all(Status::kDone);
  until("all have it", [&] { return progress(notice) == "40 0 20 20 0 0 0"; });
  EXPECT_EQ(times_asked.size(), 40U) << "repeats carry the same stanza id";
}

TEST_F(Service, that_is_killed_before_it_expands_finishes_after_its_restart) {
  kill();
  many_members(3'000);
  const auto notice = publish(to_all());  // committed, and then nothing more
  start();
  until("all are sent", [&] {
    answer_all(Status::kDone);
    return progress(notice) == "3000 0 3000 0 0 0 0";
  });
}

TEST_F(Service, that_is_told_to_stop_settles_what_is_in_flight_first) {
  many_members(10);
  const auto notice = published(to_all());
  until("the gateway is asked", [&] { return asked.size() == 10; });
  bus::Timer answer_later(reactor);
  answer_later.start(Milliseconds(500), [this] { answer_all(Status::kDone); });
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(progress(notice), "10 0 10 0 0 0 0");
}

TEST_F(Service, that_is_told_to_stop_does_not_wait_for_ever) {
  member("anna");
  const auto notice = published(to_all());
  until("the gateway is asked", [&] { return asked.size() == 1; });
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(progress(notice), "1 1 0 0 0 0 0");
}

TEST_F(Service, waits_for_a_database_that_is_away_and_says_so) {
  member("anna");
  test::lab("postgres restart");
  const auto notice = published(to_all());
  until("the gateway is asked", [&] { return asked.size() == 1; });
  test::lab("postgres restart");
  answer_all(Status::kDone);
  until("it is sent", [&] { return progress(notice) == "1 0 1 0 0 0 0"; });
}

TEST_F(Service, counts_under_these_names) {
  std::set<std::string> names;
  std::istringstream exposition(get("/metrics"));
  for (std::string line; std::getline(exposition, line);) {
    const std::string mark = "# TYPE rostrum_notification_";
    if (line.starts_with(mark)) names.insert(line.substr(mark.size(), line.rfind(' ') - mark.size()));
  }
  for (const char* name :
       {"notices", "deliveries_total", "expanded_total", "feedback_unmatched_total", "oldest_due_seconds",
        "sent_after_seconds", "delivered_after_seconds", "commands_in_flight"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST_F(Service, that_cannot_record_or_claim_or_expand_one_thing_carries_on_with_all_others) {
  many_members(20);
  database->run(
      "ALTER TABLE notification.delivery ADD CONSTRAINT not_sent CHECK (member_id <> 'm3' OR state <> "
      "'sent'), "
      "ADD CONSTRAINT not_attempted CHECK (member_id <> 'm7' OR state <> 'attempting'), "
      "ADD CONSTRAINT not_made CHECK (source <> 'site' OR kind <> 'alert' OR member_id <> 'm9')");
  const auto bad = published(to_members({"m9"}, v1::NOTICE_KIND_ALERT));
  const auto good = published(to_all());
  until("all but one are asked for", [&] { return asked.size() == 19; });
  answer_all(Status::kDone);
  until("all have ended", [&] { return progress(good) == "20 0 18 0 2 0 0"; });
  until("the other notice has ended", [&] {
    return database->value("SELECT state || ' ' || reason FROM notification.notices WHERE notice_id = '" +
                           bad + "'") == "done not-storable";
  });
  EXPECT_EQ(database->rows("SELECT action, member_id, reason FROM notification.dead_letters ORDER BY 1, 2"),
            (std::vector<std::vector<std::string>>{{"expand_notice", "NULL", "not-storable"},
                                                   {"send_message", "m3", "not-storable"},
                                                   {"send_message", "m7", "not-storable"}}));
}

}  // namespace
}  // namespace rostrum::notification
