// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "common/intake/domain.hpp"
#include "services/notification/adapters/meter.hpp"

namespace rostrum::notification {

/// What notification does with events: notices become rows to expand, receipts and bounces move deliveries.
class NotificationDomain final : public intake::Domain {
 public:
  /// Names of the payloads this service understands.
  static const std::vector<std::string>& served_types();

  /// `on_committed` is called on the reactor when there may be something to expand.
  NotificationDomain(Milliseconds default_life, Meter& meter, std::function<void()> on_committed)
      : default_life_(default_life), meter_(meter), on_committed_(std::move(on_committed)) {}

  [[nodiscard]] std::optional<intake::Rejection> check(const intake::IntakeEvent& event) const override;
  [[nodiscard]] std::vector<std::optional<intake::Rejection>> apply(pqxx::transaction_base& tx,
                                                                    intake::IntakeEvents events) override;
  [[nodiscard]] intake::Rejection explain(const std::string& sqlstate, const std::string& constraint,
                                          const std::string& text) const override;
  void committed() override { on_committed_(); }

 private:
  const Milliseconds default_life_;
  Meter& meter_;
  const std::function<void()> on_committed_;
};

}  // namespace rostrum::notification
