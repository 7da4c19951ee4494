// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/dispatch/dispatcher.hpp"
#include "services/notification/adapters/delivery_rows.hpp"

namespace rostrum::notification {

/// What a notice says, shared by the deliveries of one claim.
struct NoticeText {
  std::string title;
  std::string body;
};

/// A delivery on its way to a gateway.
struct ClaimedDelivery {
  StanzaId stanza;
  std::string member_id;
  std::string jid;
  unsigned attempt;  ///< the row's `attempts` as claimed: whose result it is
  std::shared_ptr<const NoticeText> text;
};

/// The deliveries in PostgreSQL, as the dispatcher's work. Alerts are claimed before announcements; within a
/// lane the sources share what can be sent.
class DeliveryStore final : public dispatch::WorkStore<ClaimedDelivery> {
 public:
  /// `give_up_after`: see kMaxAttempts.
  DeliveryStore(Milliseconds give_up_after, Meter& meter) : give_up_after_(give_up_after), meter_(meter) {}

  [[nodiscard]] std::vector<ClaimedDelivery> claim(pqxx::transaction_base& tx, std::size_t most,
                                                   Milliseconds hold) override;
  [[nodiscard]] std::vector<ClaimedDelivery> claim_apart(pqxx::transaction_base& tx, std::size_t most,
                                                         Milliseconds hold) override;
  void settle(pqxx::transaction_base& tx,
              const std::vector<dispatch::Finished<ClaimedDelivery>>& finished) override;
  void bury(pqxx::transaction_base& tx, const dispatch::Finished<ClaimedDelivery>& finished,
            const pg::DbError& why) override;

 private:
  [[nodiscard]] std::vector<ClaimedDelivery> claim_some(pqxx::transaction_base& tx, std::size_t most,
                                                        Milliseconds hold, bool apart);

  const Milliseconds give_up_after_;
  Meter& meter_;
};

/// The command that sends a claimed delivery.
[[nodiscard]] std::optional<bus::CommandResult> make_send_message(const ClaimedDelivery& delivery,
                                                                  v1::Command& command);

}  // namespace rostrum::notification
