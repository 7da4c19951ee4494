// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/notification_tables.hpp"

#include <algorithm>
#include <set>

#include "services/notification/adapters/delivery_outcome.hpp"
#include "services/notification/core/expansion.hpp"
#include "services/notification/core/parse.hpp"
#include "tests/simulation/ledger_twin.hpp"

namespace rostrum::simulation {

namespace {

using notification::AudienceKind;
using notification::Change;
using notification::Recipient;
using notification::State;

/// Smaller than the real one's least, so that notices need several pages.
constexpr std::size_t kPage = 2;
/// As [notification] give_up_after_hours would say.
constexpr Milliseconds kGiveUpAfter = std::chrono::hours(24);

/// The view directory.audience.
struct Audience {
  std::string jid;
  bool ready;
};
std::optional<Audience> find(const Database& database, const std::string& source, const std::string& id) {
  const auto member = database.members.find({source, id});
  if (member == database.members.end() || !member->second.present) return std::nullopt;
  const auto row = database.accounts.find(*member->second.jid);
  const bool ready = row != database.accounts.end() && row->second.account.source == source &&
                     row->second.account.member_id == id &&
                     row->second.account.goal == registration::Account::Goal::kPresent &&
                     !row->second.account.former_claim && row->second.account.exists_since;
  return Audience{*member->second.jid, ready};
}

Recipient recipient_of(const Database& database, const NoticeRow& notice, const DeliveryRow& row) {
  const auto found = find(database, notice.source, row.member_id);
  if (!found || found->jid != row.jid) return Recipient::kGone;
  return found->ready ? Recipient::kReady : Recipient::kNotReady;
}

/// make_deliveries(): the members of a page, sorted, and what becomes of each.
std::vector<std::string> make_page(const World& world, Random& random, Database& database,
                                   const notification::Expanding& notice, const notification::Page& page) {
  std::vector<std::string> members;
  if (page.kind == AudienceKind::kMembers) {
    members = page.ids;
  } else {
    for (const auto& [key, member] : database.members) {
      if (member.present && key.second > page.after && members.size() < page.limit)
        members.push_back(key.second);
    }
  }
  const auto expires_at = database.notices.at(notice.id).expires_at;
  for (const auto& id : members) {
    const auto found = find(database, notice.source, id);
    DeliveryRow row{{notice.id, Uuid::make_v4(random)}, id, found ? found->jid : "", {}};
    row.delivery.queued_at = row.delivery.due = world.wall();
    row.delivery.expires_at = expires_at;
    if (!found) {
      row.delivery.state = State::kFailed;
      row.reason = "unknown-member";
    }
    const bool is_new = database.deliveries.emplace(std::pair(notice.id, id), std::move(row)).second;
    promise(is_new, "one effect: notice ", notice.id.to_string(), " has two deliveries to ", id);
  }
  return members;
}

void change(DeliveryRow& row, const Change& change, WallTime now) {
  promise(change.state != State::kAttempting || now < row.delivery.expires_at,
          "nothing is attempted that has expired, but ", row.stanza.text());
  row.delivery.state = change.state;
  row.delivery.attempts = change.attempts;
  row.delivery.due = change.due;
  row.reason = change.reason;
}

}  // namespace

// --- the intake

std::optional<intake::Rejection> NotificationEvents::check(const intake::IntakeEvent& event) const {
  const auto notice = notification::parse_notice(event.event);
  if (notice) return std::nullopt;
  return intake::Rejection{v1::REJECTION_CODE_INVALID_FIELD, notice.error().text};
}

std::vector<intake::Ledger::Entry> NotificationEvents::enter(std::span<const intake::Identity> events) {
  return simulation::enter(database_.notification_ledger, events);
}

void NotificationEvents::withdraw(std::span<const intake::Identity> events) {
  simulation::withdraw(database_.notification_ledger, events);
}

std::vector<std::optional<intake::Rejection>> NotificationEvents::apply(intake::IntakeEvents events) {
  std::vector<std::optional<intake::Rejection>> rejections(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto notice = notification::parse_notice(events[i]->event).value();
    const auto expires_at = notification::expiry_of(notice, world_.wall(), Milliseconds(600'000));
    if (!expires_at) {
      rejections[i] = {v1::REJECTION_CODE_INVALID_FIELD, "expires_at"};
      continue;
    }
    const bool is_new =
        database_.notices
            .emplace(events[i]->id.uuid(), NoticeRow{events[i]->source, std::move(notice), *expires_at})
            .second;
    promise(is_new, "one effect: notice ", events[i]->id.to_string(), " is published twice");
  }
  return rejections;
}

// --- expansion

std::size_t expand_some(World& world, Database& database) {
  std::vector<notification::Expanding> expanding;
  for (const auto& [id, row] : database.notices) {
    if (row.state == NoticeRow::State::kExpanding)
      expanding.push_back({id, row.source, row.notice.kind, row.notice.audience, row.cursor});
  }
  for (const auto& notice : notification::by_turns(expanding)) {
    const auto page = notification::next_page(notice, kPage);
    const auto members = make_page(world, world.random(), database, notice, page);
    const auto step = notification::after_page(notice, page, members.size(),
                                               members.empty() ? std::string() : members.back());
    auto& row = database.notices.at(notice.id);
    row.cursor = step.cursor;
    if (step.complete) row.state = NoticeRow::State::kSending;
  }
  return expanding.size();
}

void sweep(World& world, Database& database) {
  std::set<Uuid> open;
  for (auto& [key, row] : database.deliveries) {
    if (!notification::is_open(row.delivery.state)) continue;
    const auto& notice = database.notices.at(key.first);
    const bool held = row.delivery.state == State::kAttempting && row.delivery.due > world.wall();
    if (notice.state == NoticeRow::State::kSending && notice.expires_at <= world.wall() && !held) {
      change(
          row,
          notification::on_due(row.delivery, Recipient::kReady, world.wall(), Milliseconds(0), kGiveUpAfter),
          world.wall());
    }
    if (notification::is_open(row.delivery.state)) open.insert(key.first);
  }
  for (auto& [id, notice] : database.notices) {
    if (notice.state == NoticeRow::State::kSending && !open.contains(id))
      notice.state = NoticeRow::State::kDone;
  }
}

// --- the deliveries' work

std::vector<DeliveryWork> DeliveryWorkStore::claim(Database& database, std::size_t most, Milliseconds hold) {
  std::set<std::string> in_flight;
  std::vector<DeliveryRow*> due;
  for (auto& [key, row] : database.deliveries) {
    if (row.delivery.state == State::kAttempting) in_flight.insert(row.jid);
    if (notification::is_open(row.delivery.state) && row.delivery.due <= world_.wall()) due.push_back(&row);
  }
  std::stable_sort(due.begin(), due.end(),
                   [](const auto* a, const auto* b) { return a->delivery.due < b->delivery.due; });
  std::vector<DeliveryWork> works;
  std::set<std::string> decided;
  for (auto* row : due) {
    const bool is_its_turn = row->delivery.state == State::kAttempting || !in_flight.contains(row->jid);
    if (works.size() == most || !is_its_turn || !decided.insert(row->jid).second) continue;
    const auto& notice = database.notices.at(row->stanza.notice);
    if (row->delivery.state == State::kAttempting) world_.count("attempts taken over after their hold");
    change(*row,
           notification::on_due(row->delivery, recipient_of(database, notice, *row), world_.wall(), hold,
                                kGiveUpAfter),
           world_.wall());
    if (row->delivery.state == State::kAttempting)
      works.push_back(
          {{row->stanza.notice, row->member_id}, row->stanza.text(), row->jid, row->delivery.attempts});
  }
  return works;
}

void DeliveryWorkStore::settle(Database& database, const std::vector<Finished<DeliveryWork>>& finished) {
  for (const auto& [work, result] : finished) {
    auto& row = database.deliveries.at(work.key);
    const auto next = notification::on_outcome(
        row.delivery, work.attempt, notification::delivery_outcome(result), world_.wall(), kGiveUpAfter);
    if (!next) {
      world_.count("results of old attempts");
      continue;
    }
    const bool is_certain = result.status == bus::CommandResult::Status::kDone ||
                            result.status == bus::CommandResult::Status::kFailed;
    if (work.attempt != row.delivery.attempts) under_way_.outlive("message to " + row.jid);
    promise(is_certain || work.attempt == row.delivery.attempts,
            "that an old attempt did not happen says nothing of the latest: ", work.stanza_id);
    promise(result.status == bus::CommandResult::Status::kRetry || next->attempts == row.delivery.attempts,
            "an attempt that may have happened counts: ", work.stanza_id);
    change(row, *next, world_.wall());
    promise(row.delivery.state != State::kSent || copies_(work.stanza_id) > 0,
            "sent means: the Jabber server has it; but not ", work.stanza_id);
  }
}

v1::Command DeliveryWorkStore::command(const DeliveryWork& work) const {
  v1::Command command;
  auto& message = *command.mutable_send_message();
  message.set_to(work.jid);
  message.set_stanza_id(work.stanza_id);
  message.set_body("body");
  return command;
}

}  // namespace rostrum::simulation
