// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/bus/credit_window.hpp"
#include "services/gateway/core/lease_holder.hpp"
#include "services/gateway/core/reporter.hpp"
#include "tests/simulation/links.hpp"
#include "tests/simulation/presence_domain.hpp"

namespace rostrum::simulation {

class PresenceGateway;

/// All gateways that live, seen from above: each epoch has one owner, and nobody else owns the domain with
/// it.
class Owners {
 public:
  void add(const PresenceGateway* gateway) { living_.insert(gateway); }
  void remove(const PresenceGateway* gateway) { living_.erase(gateway); }
  void owns(const PresenceGateway& gateway, std::uint64_t epoch);
  /// The one that owns the domain now, for all it knows, and in time; null: nobody.
  [[nodiscard]] const PresenceGateway* owner() const;

 private:
  std::set<const PresenceGateway*> living_;
  std::map<std::uint64_t, Uuid> owner_of_;  ///< epoch → life of a gateway
};

/// A gateway's part of presence: twin of PresenceLink and bus::ObservationPublisher, around the same cores.
class PresenceGateway {
 public:
  PresenceGateway(World& world, Network& network, std::string name, const bus::PublicKey& own,
                  std::vector<std::string> services, PresenceDomain& domain, Owners& owners);
  ~PresenceGateway();
  PresenceGateway(const PresenceGateway&) = delete;
  PresenceGateway& operator=(const PresenceGateway&) = delete;

  /// Tells that nobody sees the domain any more, gives it back, claims no more.
  void stop();

  [[nodiscard]] const Uuid& life() const { return token_of_life_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool owns_in_time() const { return lease_.owns() && !lease_.lapsed(world_.now()); }
  /// Owns the domain, sees it, and all of that is stored.
  [[nodiscard]] bool content() const { return owns_in_time() && reporter_.whole() && reporter_.at_rest(); }

 private:
  struct Terms {
    std::size_t max_batch;
    bus::CreditPurse purse;
  };
  void begun(const bus::WelcomeFrame& welcome);
  void ended();
  void receive(const bus::Frame& frame);
  void answered(const bus::LeaseAnswerFrame& answer);
  void stored(const bus::ObservationsStoredFrame& answer);
  void perform(const gateway::LeaseHolder::Effects& effects);
  void perform_one(const gateway::LeaseHolder::SendClaim& effect);
  void perform_one(const gateway::LeaseHolder::SendRelease& effect);
  void perform_one(const gateway::LeaseHolder::Own& effect);
  void perform_one(const gateway::LeaseHolder::Disown& effect);
  void watch_soon(Milliseconds pause);
  void see(const gateway::Sighting& seen);
  void tell();
  void tell_soon();
  void let_go_when_told();
  void pulse();

  World& world_;
  std::string name_;
  PresenceDomain& domain_;
  Owners& owners_;
  Uuid token_of_life_;
  gateway::LeaseHolder lease_;
  gateway::Reporter reporter_;
  std::optional<Terms> terms_;
  std::uint64_t epoch_told_ = 0;
  std::uint64_t last_told_ = 0;
  bool stopping_ = false;
  bool telling_ = false;
  MonoTime pulsing_ = MonoTime::max();
  Life life_;
  ConnectingSide side_;
};

}  // namespace rostrum::simulation
