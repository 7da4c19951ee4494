// SPDX-License-Identifier: Apache-2.0
#include <future>
#include <thread>

#include "rostrum/v1/bus.pb.h"
#include "rostrum/v1/event.pb.h"
#include "tests/contract/clients/publisher_fixture.hpp"

namespace rostrum {
namespace {

using Status = Outcome::Status;

v1::Event read(const bus::ReceivedEvent& event) {
  v1::Event message;
  EXPECT_TRUE(message.ParseFromString(event.bytes));
  return message;
}

TEST_F(PublisherTest, is_told_when_an_event_is_committed) {
  start_registration();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  const auto ticket = publisher.publish(group("editors"));
  EXPECT_EQ(outcome_of(ticket).status, Status::kAccepted);
  ASSERT_EQ(ledger_.ids().size(), 1U);
  EXPECT_EQ(ledger_.ids().front().to_string(), ticket.event_id());
  EXPECT_EQ(publisher.unanswered(), 0U);
}

TEST_F(PublisherTest, keeps_no_event_waiting_for_company_that_does_not_come) {
  auto silent = intake_settings();
  silent.answering = false;
  start_registration(std::move(silent));
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  for (const std::size_t count : {1U, 2U, 3U}) {
    EXPECT_FALSE(publisher.publish(group("group-" + std::to_string(count))).outcome());
    EXPECT_TRUE(has_seen(count));
  }
}

TEST_F(PublisherTest, sends_a_stream_of_single_events_in_few_frames) {
  auto silent = intake_settings();
  silent.answering = false;
  start_registration(std::move(silent));
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  const auto began = std::chrono::steady_clock::now();
  constexpr std::size_t kEvents = 200;
  for (std::size_t i = 0; i < kEvents; ++i) {
    (void)publisher.publish(group("group-" + std::to_string(i)));
    std::this_thread::sleep_for(std::chrono::microseconds(100));  // the pace of the load
  }
  EXPECT_TRUE(has_seen(kEvents));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  EXPECT_LE(static_cast<double>(registration_->frames()), 2 + took.count()) << "one a millisecond";
}

TEST_F(PublisherTest, sends_each_event_to_the_intake_of_its_type) {
  start_registration();
  start_notification();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  const auto member = publisher.publish(member_removed("anna"));
  const auto notice = publisher.publish(announcement(to_all(), {.text = "Tea at four."}));
  EXPECT_EQ(outcome_of(member).status, Status::kAccepted);
  EXPECT_EQ(outcome_of(notice).status, Status::kAccepted);
  EXPECT_EQ(registration_->seen(), 1U);
  EXPECT_EQ(notification_->seen(), 1U);
}

TEST_F(PublisherTest, publishes_a_packed_event_any_number_of_times_with_one_effect) {
  start_registration();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  const std::string row =
      publisher.pack(member_upserted("anna", {.jid = "anna@site.test", .password = "plum-7-tree"}));
  EXPECT_EQ(row.find("plum"), std::string::npos);
  EXPECT_EQ(outcome_of(publisher.publish(Event::unpack(row))).status, Status::kAccepted);
  EXPECT_EQ(outcome_of(publisher.publish(Event::unpack(row))).status, Status::kDuplicate);
  ASSERT_EQ(ledger_.events().size(), 1U);
  EXPECT_EQ(ledger_.events().front().bytes, row);
}

TEST_F(PublisherTest, seals_a_password_so_that_only_registration_can_open_it) {
  start_registration();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  ASSERT_EQ(outcome_of(publisher.publish(password_changed("anna", "plum-7-tree"))).status, Status::kAccepted);
  const auto event = ledger_.events().front();
  EXPECT_EQ(event.bytes.find("plum"), std::string::npos);
  const auto opened = bus::open_sealed(read(event).password_changed().sealed_password(), sealing_);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), "plum-7-tree");
}

TEST_F(PublisherTest, gives_every_change_a_later_revision) {
  start_registration();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  for (int i = 0; i < 100; ++i) publisher.publish(group("editors"));
  ASSERT_TRUE(publisher.flush(kPatience));
  std::uint64_t last = 0;
  for (const auto& event : ledger_.events()) {
    EXPECT_GT(read(event).revision(), last);
    last = read(event).revision();
  }
}

TEST_F(PublisherTest, is_told_the_code_and_the_words_of_a_rejection) {
  auto stub = intake_settings();
  stub.verdict = [](const bus::ReceivedEvent&) {
    return std::make_pair(static_cast<int>(v1::REJECTION_CODE_JID_TAKEN), std::string("ben has it\x1b"));
  };
  start_registration(std::move(stub));
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  const auto outcome = outcome_of(publisher.publish(member_upserted("anna", {.jid = "ben@site.test"})));
  EXPECT_EQ(outcome.status, Status::kRejected);
  EXPECT_EQ(outcome.code, "JID_TAKEN");
  EXPECT_EQ(describe(outcome), "rejected (JID_TAKEN): ben has it?");
}

TEST_F(PublisherTest, is_refused_a_type_that_its_key_was_not_granted) {
  start_registration();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  EXPECT_EQ(outcome_of(publisher.publish(group_removed("editors"))).code, "NOT_AUTHORIZED");
  EXPECT_TRUE(ledger_.ids().empty());
}

TEST_F(PublisherTest, rejects_by_itself_what_no_intake_could_read) {
  start_registration();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  const auto ticket = publisher.publish(group_upserted("editors", "The \xff"));
  ASSERT_TRUE(ticket.outcome());
  EXPECT_EQ(ticket.outcome()->code, "INVALID_TEXT");
  EXPECT_EQ(registration_->seen(), 0U);
}

TEST_F(PublisherTest, rejects_what_is_too_large_and_goes_on) {
  start_registration();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  const auto large = publisher.publish(group_upserted("editors", std::string(100'000, 'x')));
  const auto next = publisher.publish(group("printers"));
  EXPECT_EQ(outcome_of(large).code, "TOO_LARGE");
  EXPECT_EQ(outcome_of(next).status, Status::kAccepted);
}

TEST_F(PublisherTest, takes_an_id_that_is_on_its_way_as_the_same_event) {
  auto stub = intake_settings();
  stub.answering = false;
  start_registration(std::move(stub));
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  const std::string row = publisher.pack(group("editors"));
  const auto first = publisher.publish(Event::unpack(row));
  const auto second = publisher.publish(Event::unpack(row));
  EXPECT_EQ(publisher.unanswered(), 1U);
  EXPECT_FALSE(second.outcome());
  const auto other = publisher.publish(group("printers").with_id(first.event_id()));
  ASSERT_TRUE(other.outcome());
  EXPECT_EQ(other.outcome()->code, "ID_REUSED");
}

TEST_F(PublisherTest, names_the_setting_that_is_wrong) {
  start_registration();
  const auto complaint = [](PublisherSettings wrong) -> std::string {
    try {
      const Publisher publisher(std::move(wrong));
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "none";
  };
  auto wrong = settings();
  wrong.source_key_file = file("keys/nobody.secret");
  EXPECT_NE(complaint(std::move(wrong)).find("nobody.secret"), std::string::npos);
  wrong = settings();
  wrong.registration.key_file = file("keys/nobody.public");
  EXPECT_EQ(complaint(std::move(wrong)).rfind("registration.key_file: ", 0), 0U);
  wrong = settings();
  wrong.registration.endpoints.clear();
  EXPECT_NE(complaint(std::move(wrong)).find("endpoint"), std::string::npos);
}

TEST_F(PublisherTest, calls_an_event_without_a_way_a_mistake_of_the_program) {
  start_registration();
  auto without_sealing = settings();
  without_sealing.sealing_key_file.clear();
  Publisher publisher(std::move(without_sealing));
  EXPECT_THROW(publisher.publish(alert(to_all(), {.text = "x"})), std::logic_error);
  EXPECT_THROW(publisher.publish(password_changed("anna", "x")), std::logic_error);
}

TEST_F(PublisherTest, serves_many_threads_at_once) {
  constexpr int kThreads = 8;
  constexpr int kEach = 250;
  start_registration();
  std::atomic<int> called = 0;
  auto with_callback = settings();
  with_callback.on_outcome = [&called](const Outcome& outcome) { called += outcome.committed() ? 1 : 0; };
  Publisher publisher(std::move(with_callback));
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::vector<Ticket> tickets;
      for (int j = 0; j < kEach; ++j) {
        auto ticket = publisher.publish(group(std::to_string(i) + "." + std::to_string(j)));
        while (ticket.outcome() && ticket.outcome()->status == Status::kNotNow) {
          ASSERT_TRUE(publisher.wait_for_credit(kPatience));
          ticket = publisher.publish(group(std::to_string(i) + "." + std::to_string(j)));
        }
        tickets.push_back(std::move(ticket));
      }
      for (const auto& ticket : tickets) accepted += outcome_of(ticket).status == Status::kAccepted ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, kThreads * kEach);
  EXPECT_EQ(ledger_.ids().size(), static_cast<std::size_t>(kThreads * kEach));
  ASSERT_TRUE(publisher.flush(kPatience));
  EXPECT_EQ(called, kThreads * kEach);
}

TEST_F(PublisherTest, lets_its_callback_publish_the_next_event) {
  start_registration();
  Publisher* publisher = nullptr;
  std::promise<void> second;
  auto chained = settings();
  int outcomes = 0;
  chained.on_outcome = [&](const Outcome&) {
    if (++outcomes == 1)
      publisher->publish(group("second"));
    else
      second.set_value();
  };
  Publisher owned(std::move(chained));
  publisher = &owned;
  ASSERT_TRUE(owned.wait_for_credit(kPatience));
  owned.publish(group("first"));
  EXPECT_EQ(second.get_future().wait_for(kPatience), std::future_status::ready);
}

}  // namespace
}  // namespace rostrum
