// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "common/bus/observation_intake.hpp"
#include "tests/contract/gateway/bench.hpp"
#include "tests/support/gateway/presence_service.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::test {

/// The presence service on the bench: a real observation link, a lease as the contract has it, and the rest
/// in memory.
class ScriptedPresence {
 public:
  /// Lets in whoever has this key.
  ScriptedPresence(Bench& bench, const bus::PublicKey& gateway,
                   const std::string& where = "tcp://127.0.0.1:0",
                   const bus::KeyPair& own = bus::make_key_pair());

  [[nodiscard]] bus::ConnectSettings settings(const bus::KeyPair& gateway) const;
  [[nodiscard]] std::string endpoint() const { return endpoint_; }

  /// As if the service died, and as if it came back at the same place.
  void dies() { intake_.reset(); }
  void comes_back() { listen(endpoint_); }
  /// Somebody else has the lease from now on, whatever was granted.
  void gives_lease_to_another();
  /// Answers nothing for as long as it is held.
  void holds(bool held);

  /// Who is online as `localpart/resource`; nobody while the view is not whole.
  [[nodiscard]] bool knows(const std::map<std::string, gateway::ResourceState>& online) const {
    return state.whole && state.online() == online;
  }

  PresenceService state;
  Milliseconds valid{2'000};
  int granted = 0;
  int renewed = 0;
  int refused = 0;
  int released = 0;

 private:
  void listen(const std::string& where);
  void serve();
  void claim(const bus::ObservationIntake::Claim& claim);
  void store(const bus::ObservationIntake::Batch& batch);
  void release(const bus::ObservationIntake::Release& release);

  Bench& bench_;
  bus::KeyPair own_;
  TemporaryFolder folder_;
  std::string endpoint_;
  bool held_ = false;
  std::string token_;
  MonoTime valid_until_{};
  std::optional<bus::Authenticator> authenticator_;
  std::optional<bus::ObservationIntake> intake_;
};

}  // namespace rostrum::test
