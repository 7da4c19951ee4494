// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/base/clock.hpp"
#include "common/base/uuid.hpp"
#include "services/notification/core/delivery_life.hpp"
#include "services/notification/core/notice.hpp"
#include "services/notification/core/stanza_id.hpp"
#include "services/registration/core/account.hpp"
#include "services/registration/core/directory.hpp"

namespace rostrum::simulation {

/// The ledger of one service: source and id → digest.
using LedgerTable = std::map<std::pair<std::string, EventId>, std::string>;

/// registration.account and registration.dead_letter.
struct AccountRow {
  registration::Account account;
  WallTime due;
};

/// notification.notice.
struct NoticeRow {
  enum class State { kExpanding, kSending, kDone };
  std::string source;
  notification::Notice notice;
  WallTime expires_at;
  State state = State::kExpanding;
  std::string cursor = {};
};

/// notification.delivery.
struct DeliveryRow {
  notification::StanzaId stanza;
  std::string member_id;
  std::string jid;  ///< empty: no such member
  notification::Delivery delivery;
  std::string reason = {};
};

/// PostgreSQL as the services' schemas have it, as far as the simulated services use it.
struct Database {
  LedgerTable registration_ledger;
  LedgerTable notification_ledger;
  std::map<registration::Key, registration::Member> members;
  std::map<std::string, AccountRow> accounts;  ///< by JID
  std::map<Uuid, NoticeRow> notices;
  std::map<std::pair<Uuid, std::string>, DeliveryRow> deliveries;  ///< by notice and member
};

}  // namespace rostrum::simulation
