// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/feedback_rows.hpp"

#include <map>
#include <optional>

namespace rostrum::notification {

namespace {

/// A delivery under several receipts and bounces, one after the other.
struct Affected {
  DeliveryRow row;
  std::optional<Change> change = {};

  void take(const Feedback& feedback) {
    auto now = row.delivery;
    if (change) now.state = change->state;
    auto next = feedback.bounced ? on_bounce(now, feedback.condition, feedback.text) : on_receipt(now);
    if (next) change = std::move(next);
  }
};

using ByStanza = std::map<std::pair<Uuid, Uuid>, Affected>;

ByStanza lock_affected(pqxx::transaction_base& tx, const std::vector<Feedback>& feedbacks) {
  std::vector<StanzaId> stanzas;
  for (const auto& feedback : feedbacks) {
    if (feedback.stanza) stanzas.push_back(*feedback.stanza);
  }
  ByStanza affected;
  if (stanzas.empty()) return affected;
  for (auto& row : lock_by_stanza(tx, stanzas)) {
    const auto key = std::pair(row.stanza.notice, row.stanza.token);
    affected.emplace(key, Affected{std::move(row)});
  }
  return affected;
}

}  // namespace

std::size_t apply_feedback(pqxx::transaction_base& tx, const std::vector<Feedback>& feedbacks, WallTime now,
                           Meter& meter) {
  if (feedbacks.empty()) return 0;
  auto affected = lock_affected(tx, feedbacks);
  std::size_t unmatched = 0;
  for (const auto& feedback : feedbacks) {
    const auto found =
        feedback.stanza ? affected.find({feedback.stanza->notice, feedback.stanza->token}) : affected.end();
    if (found == affected.end() || found->second.row.jid != feedback.from.text()) {
      ++unmatched;
      continue;
    }
    found->second.take(feedback);
  }
  DeliveryChanges changes;
  for (const auto& [stanza, one] : affected) {
    if (one.change) changes.add(one.row, *one.change);
  }
  changes.write(tx, now, meter);
  return unmatched;
}

}  // namespace rostrum::notification
