// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/delivery_store.hpp"

#include <map>
#include <pqxx/pqxx>
#include <set>
#include <tuple>

#include "common/pg/array.hpp"
#include "services/notification/adapters/delivery_outcome.hpp"
#include "services/notification/adapters/words.hpp"

namespace rostrum::notification {

namespace {

/// A claim looks again while all that it saw was to be put off (members without account, expired notices);
/// this bounds how long one transaction goes on so.
constexpr int kMostLooks = 16;

/// One claim at a time, over all instances: what one has just marked as attempting is then seen by the next,
/// so that no member has two commands in flight. A claim takes milliseconds.
void wait_for_turn(pqxx::transaction_base& tx) {
  tx.exec("SELECT FROM pg_advisory_xact_lock(hashtextextended('rostrum.notification.claim', 0))");
}

std::vector<std::string> active_sources(pqxx::transaction_base& tx) {
  std::vector<std::string> sources;
  for (const auto& row :
       tx.exec("SELECT DISTINCT source FROM notification.notice WHERE state <> 'done' ORDER BY source")) {
    sources.push_back(row[0].as<std::string>());
  }
  return sources;
}

/// The members of these deliveries as the directory knows them now, in the order of the rows.
std::vector<Recipient> recipients_of(pqxx::transaction_base& tx, const std::vector<DeliveryRow>& rows) {
  pg::Array sources, members, jids;
  for (const auto& row : rows) {
    sources.add(row.source);
    members.add(row.member_id);
    jids.add(row.jid);
  }
  const auto found = tx.exec_params(
      "SELECT a.ready, a.account_dead FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS d "
      "(source, "
      "member_id, jid, place) "
      "LEFT JOIN directory.audience AS a ON a.source = d.source AND a.member_id = d.member_id AND a.jid = "
      "d.jid ORDER BY d.place",
      sources.text(), members.text(), jids.text());
  std::vector<Recipient> recipients;
  for (const auto& row : found) {
    if (row[0].is_null()) {
      recipients.push_back(Recipient::kGone);
    } else {
      const auto not_ready = row[1].as<bool>() ? Recipient::kDead : Recipient::kNotReady;
      recipients.push_back(row[0].as<bool>() ? Recipient::kReady : not_ready);
    }
  }
  ROSTRUM_INVARIANT(recipients.size() == rows.size());
  return recipients;
}

std::map<Uuid, std::shared_ptr<const NoticeText>> texts_of(pqxx::transaction_base& tx,
                                                           const std::set<Uuid>& notices) {
  pg::Array ids;
  for (const auto& id : notices) ids.add(id.to_string());
  std::map<Uuid, std::shared_ptr<const NoticeText>> texts;
  for (const auto& row : tx.exec_params(
           "SELECT id, title, body FROM notification.notice WHERE id = ANY ($1::uuid[])", ids.text())) {
    const auto id = Uuid::parse(row[0].c_str());
    ROSTRUM_INVARIANT(id);
    texts[*id] =
        std::make_shared<const NoticeText>(NoticeText{row[1].as<std::string>(), row[2].as<std::string>()});
  }
  return texts;
}

/// One claim on its way.
struct Claim {
  pqxx::transaction_base& tx;
  const std::vector<std::string> sources;
  const WallTime now;
  const Milliseconds hold;
  const Milliseconds give_up_after;
  const std::size_t most;
  const bool apart;  // one by one where the database refuses them together
  Meter& meter;
  std::vector<std::pair<DeliveryRow, unsigned>> claimed = {};  // and the number of the attempt

  [[nodiscard]] bool full() const { return claimed.size() == most; }
  bool look(Kind lane);
  void write(const DeliveryChanges& changes);
  [[nodiscard]] std::vector<ClaimedDelivery> with_texts() const;
};

/// Decides over what is due now in a lane; false when there was nothing.
bool Claim::look(Kind lane) {
  const auto share = (most - claimed.size() + sources.size() - 1) / sources.size();
  const auto rows = lock_due(tx, lane, sources, share);
  const auto recipients = recipients_of(tx, rows);
  std::set<std::pair<std::string, std::string>>
      decided;  // another delivery to the same member is for the next look
  DeliveryChanges changes;
  auto attempted = claimed.size();
  for (std::size_t i = 0; i < rows.size() && attempted < most; ++i) {
    const auto& row = rows[i];
    if (!decided.emplace(row.source, row.member_id).second) continue;
    const auto change = on_due(row.delivery, recipients[i], now, hold, give_up_after);
    changes.add(row, change);
    if (change.state == State::kAttempting) ++attempted;
  }
  write(changes);
  return !rows.empty();
}

void Claim::write(const DeliveryChanges& changes) {
  if (!apart) changes.write(tx, now, meter);
  const auto written = apart ? changes.write_apart(tx, now, meter) : changes;
  for (const auto& [row, change] : written.all()) {
    if (change.state == State::kAttempting) claimed.emplace_back(row, change.attempts);
  }
}

std::vector<ClaimedDelivery> Claim::with_texts() const {
  std::set<Uuid> notices;
  for (const auto& [row, attempt] : claimed) notices.insert(row.stanza.notice);
  const auto texts = texts_of(tx, notices);
  std::vector<ClaimedDelivery> deliveries;
  deliveries.reserve(claimed.size());
  for (const auto& [row, attempt] : claimed) {
    deliveries.push_back({row.stanza, row.member_id, row.jid, attempt, texts.at(row.stanza.notice)});
  }
  return deliveries;
}

}  // namespace

std::vector<ClaimedDelivery> DeliveryStore::claim(pqxx::transaction_base& tx, std::size_t most,
                                                  Milliseconds hold) {
  return claim_some(tx, most, hold, false);
}

std::vector<ClaimedDelivery> DeliveryStore::claim_apart(pqxx::transaction_base& tx, std::size_t most,
                                                        Milliseconds hold) {
  return claim_some(tx, most, hold, true);
}

std::vector<ClaimedDelivery> DeliveryStore::claim_some(pqxx::transaction_base& tx, std::size_t most,
                                                       Milliseconds hold, bool apart) {
  wait_for_turn(tx);
  Claim claim{tx, active_sources(tx), transaction_time(tx), hold, give_up_after_, most, apart, meter_};
  if (claim.sources.empty()) return {};
  for (const auto lane : kLanes) {
    for (int look = 0; look < kMostLooks && !claim.full(); ++look) {
      if (!claim.look(lane)) break;
    }
  }
  return claim.claimed.empty() ? std::vector<ClaimedDelivery>{} : claim.with_texts();
}

void DeliveryStore::settle(pqxx::transaction_base& tx,
                           const std::vector<dispatch::Finished<ClaimedDelivery>>& finished) {
  std::map<DeliveryKey, const dispatch::Finished<ClaimedDelivery>*> results;
  std::vector<DeliveryKey> keys;
  for (const auto& one : finished) {
    keys.emplace_back(one.work.stanza.notice, one.work.member_id);
    results[keys.back()] = &one;
  }
  const auto now = transaction_time(tx);
  DeliveryChanges changes;
  for (const auto& row : lock_by_key(tx, keys)) {
    const auto& one = *results.at({row.stanza.notice, row.member_id});
    if (const auto change =
            on_outcome(row.delivery, one.work.attempt, delivery_outcome(one.result), now, give_up_after_))
      changes.add(row, *change);
  }
  changes.write(tx, now, meter_);
}

void DeliveryStore::bury(pqxx::transaction_base& tx, const dispatch::Finished<ClaimedDelivery>& finished,
                         const pg::DbError& why) {
  for (const auto& row : lock_by_key(tx, {{finished.work.stanza.notice, finished.work.member_id}})) {
    const bool held =
        row.delivery.state == State::kAttempting && row.delivery.attempts == finished.work.attempt;
    if (held) (void)notification::bury(tx, row, why, transaction_time(tx), meter_);
  }
}

std::optional<bus::CommandResult> make_send_message(const ClaimedDelivery& delivery, v1::Command& command) {
  auto& message = *command.mutable_send_message();
  message.set_to(delivery.jid);
  message.set_stanza_id(delivery.stanza.text());
  message.set_subject(delivery.text->title);
  message.set_body(delivery.text->body);
  return std::nullopt;
}

}  // namespace rostrum::notification
