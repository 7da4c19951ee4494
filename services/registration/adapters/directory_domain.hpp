// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "common/bus/keys.hpp"
#include "common/intake/domain.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"
#include "services/registration/core/directory.hpp"
#include "services/registration/core/parse.hpp"

namespace rostrum::registration {

/// What the site's and the gateways' events mean: rows of the directory and of the accounts.
class DirectoryDomain final : public intake::Domain {
 public:
  /// `on_work`: there may be accounts to attend to.
  DirectoryDomain(JidRules rules, bus::KeyPair sealing_key, metrics::Registry& metrics, log::Log& log,
                  std::function<void()> on_work);

  [[nodiscard]] std::optional<intake::Rejection> check(const intake::IntakeEvent& event) const override;
  [[nodiscard]] std::vector<std::optional<intake::Rejection>> apply(pqxx::transaction_base& tx,
                                                                    intake::IntakeEvents events) override;
  [[nodiscard]] intake::Rejection explain(const std::string& sqlstate, const std::string& constraint,
                                          const std::string& text) const override;
  void committed() override;

 private:
  [[nodiscard]] std::optional<intake::Rejection> check_seal(const Event& event) const;
  void count_drift(const std::string& kind, int how_many);

  const JidRules rules_;
  const bus::KeyPair sealing_key_;
  metrics::Registry& metrics_;
  log::Log& log_;
  const std::function<void()> on_work_;
  SystemRandom random_;
  /// Of the latest transaction: written by apply(), told by committed() once it is certain. Group commit
  /// never lets the two overlap.
  Drift drift_;
};

}  // namespace rostrum::registration
