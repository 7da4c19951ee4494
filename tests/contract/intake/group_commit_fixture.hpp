// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/intake/group_commit.hpp"
#include "common/intake/pg_event_store.hpp"
#include "tests/contract/bus/bus_fixture.hpp"
#include "tests/support/database/database.hpp"

namespace rostrum::intake {

using bus::EventOutcome;
using Status = EventOutcome::Status;

/// Writes each event's subject into a table that refuses "culprit"; rejects some itself.
class TableDomain final : public Domain {
 public:
  [[nodiscard]] std::optional<Rejection> check(const IntakeEvent& event) const override {
    if (event.event.subject().empty() || event.event.subject() == "bad")
      return Rejection{v1::REJECTION_CODE_INVALID_FIELD, "bad"};
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::optional<Rejection>> apply(pqxx::transaction_base& tx,
                                                            IntakeEvents events) override {
    std::vector<std::optional<Rejection>> rejections;
    for (const auto* event : events) {
      if (event->event.subject() == "unwanted") {
        rejections.emplace_back(Rejection{v1::REJECTION_CODE_UNKNOWN_MEMBER, "unwanted"});
        continue;
      }
      rejections.emplace_back();
      tx.exec_params("INSERT INTO public.entry (subject) VALUES ($1)", event->event.subject());
    }
    if (on_apply) on_apply();
    return rejections;
  }
  [[nodiscard]] Rejection explain(const std::string&, const std::string& constraint,
                                  const std::string&) const override {
    return {v1::REJECTION_CODE_NOT_STORABLE, constraint};
  }
  void committed() override { ++commits; }

  std::function<void()> on_apply;
  int commits = 0;
};

class GroupCommitTest : public bus::test::BusTest {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    database.emplace();
    database->run(
        "CREATE TABLE public.entry (number bigserial, subject text CONSTRAINT no_culprit CHECK (subject <> "
        "'culprit'));"
        "GRANT USAGE ON SCHEMA public TO rostrum_registration; GRANT ALL ON public.entry, "
        "public.entry_number_seq TO rostrum_registration");
    const auto own = admit("forum", "member_removed");
    service.emplace(*this);
    site.emplace(reactor_, random_, connect_settings({service->intake.endpoint()}, own));
    until("the intake is open", [&] { return (*site)->credit() > 0; });
  }

  /// An intake on a database, as a service has it.
  struct Service {
    explicit Service(GroupCommitTest& test)
        : intake(test.reactor_, test.random_, *test.authenticator_, test.bind_settings(), {"member_removed"},
                 {.on_gathered = [this] { commit.kick(); }}),
          worker(test.reactor_, "test intake", {test.database->conninfo("rostrum_registration"), Secret()},
                 {.on_up = [this] { commit.database_up(); },
                  .on_down = [this](const std::string&) { commit.database_down(); }}),
          commit(test.reactor_, intake, worker, domain,
                 {.schema = "registration", .on_open = [this](bool is_open) { open = is_open; }},
                 test.random_, registry, log) {}

    metrics::Registry registry;
    log::Log log{"test", log::Format::kText, log::Level::kError};
    TableDomain domain;
    bus::EventIntake intake;
    bool open = false;
    pg::Worker worker;
    GroupCommit commit;
  };

  v1::Event event_of(const EventId& id, const std::string& subject) {
    v1::Event event;
    event.set_id(id.to_bytes());
    event.set_subject(subject);
    event.mutable_member_removed();
    return event;
  }
  EventId publish(const std::string& subject) {
    const auto id = EventId::make(clock_.wall(), random_);
    EXPECT_EQ(site->offer(id, event_of(id, subject)), bus::Offer::kTaken);
    return id;
  }
  void wait_for_outcomes(std::size_t count) {
    until("all have their outcome", [&] { return site->outcomes.size() >= count; });
  }
  [[nodiscard]] EventOutcome outcome_of(const EventId& id) const {
    const auto found = std::find_if(site->outcomes.rbegin(), site->outcomes.rend(),
                                    [&](const auto& outcome) { return outcome.id == id; });
    EXPECT_NE(found, site->outcomes.rend());
    return found == site->outcomes.rend() ? EventOutcome{id, Status::kRejected, -1, "none"} : *found;
  }
  [[nodiscard]] std::string entries() const { return database->value("SELECT count(*) FROM public.entry"); }
  /// From now on the database fails by this at entries with this subject.
  void fails(const std::string& sqlstate, const std::string& subject) {
    database->run(
        "CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'by the "
        "test' USING ERRCODE = '" +
        sqlstate +
        "'; END $$; CREATE TRIGGER fail BEFORE INSERT ON public.entry FOR EACH ROW WHEN (new.subject LIKE '" +
        subject + "') EXECUTE FUNCTION public.fail()");
  }
  void is_mended() { database->run("DROP FUNCTION public.fail() CASCADE"); }
  [[nodiscard]] std::string ledger() const {
    return database->value("SELECT count(*) FROM registration.ledger");
  }

  std::optional<test::Database> database;
  std::optional<Service> service;
  std::optional<bus::test::Site> site;
};

}  // namespace rostrum::intake
