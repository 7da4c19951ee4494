// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "services/presence/core/transactions.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/presence/told.hpp"

namespace rostrum::presence::test {

/// Members who come, change and go; two gateways that claim the domain, see it, lose sight of it and die; two
/// instances of the service in which what was told waits, is shuffled and repeated, or which never get it.
/// Each seed is another history. What the store makes of it can be held against what was true.
class Simulation {
 public:
  /// One transaction.
  using Act = std::function<void(PresenceStore&)>;
  Simulation(std::uint64_t seed, rostrum::test::FakeClock& clock, std::function<void(const Act&)> within);

  void live(int steps);
  /// Nothing breaks any more: one gateway owns the domain and sees it, all is told, the unseen are closed.
  void come_to_rest();

  /// Who is online in truth, and who was.
  [[nodiscard]] std::map<ResourceKey, Appearance> truth() const;
  [[nodiscard]] std::optional<Appearance> truth_at(const ResourceKey& who, WallTime moment) const;
  [[nodiscard]] const std::vector<ResourceKey>& everybody() const { return everybody_; }
  /// Whether something that a gateway saw at about this moment died with it: nobody can know.
  [[nodiscard]] bool is_blind(WallTime moment) const;

  /// What happened, so that a test can see that it was not dull.
  struct Tally {
    int grants = 0;
    int stale = 0;
    int gaps = 0;
    int repeats = 0;
    int swept = 0;
    int kills = 0;
  };
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  struct Seen {
    WallTime happened;
    bool age_is_told;
    decltype(Observation::what) what;
  };
  struct Packet {
    std::int64_t epoch;
    std::int64_t first;
    std::vector<Seen> seen;
    WallTime sent;
    MonoTime arrived;
  };
  struct Gateway {
    Uuid token;
    std::int64_t epoch = 0;  ///< 0: not the owner, as far as it knows
    bool sees = false;
    std::optional<std::size_t> named = {};  ///< of a snapshot under way: so many of everybody
    std::deque<Seen> waiting = {};          ///< not yet numbered
    std::deque<Seen> unconfirmed = {};
    std::int64_t first_unconfirmed = 1;
  };

  void step();
  void world_changes();
  void claim(Gateway& gateway);
  void look(Gateway& gateway, WallTime since);
  void name_some(Gateway& gateway);
  void lose_sight(Gateway& gateway);
  void overflow(Gateway& gateway);
  void kill(Gateway& gateway);
  void disown(Gateway& gateway);
  void send_new(Gateway& gateway);
  void send_again(Gateway& gateway);
  void send(const Gateway& gateway, std::int64_t first, std::vector<Seen> seen);
  void deliver();
  void hear(Gateway& gateway, const Answer& answer);
  void sweep();
  void see(Gateway& gateway, decltype(Observation::what) what, bool age_is_told = true,
           std::optional<WallTime> happened = std::nullopt);
  void is_forgotten(const Gateway& gateway);
  [[nodiscard]] bool happens(std::uint64_t in) { return random_.below(in) == 0; }
  [[nodiscard]] WallTime now() const { return clock_.wall(); }

  SeededRandom random_;
  rostrum::test::FakeClock& clock_;
  const std::function<void(const Act&)> within_;
  bool calm_ = false;

  std::vector<ResourceKey> everybody_;
  std::map<ResourceKey, std::vector<std::pair<WallTime, std::optional<Appearance>>>> timeline_;
  std::array<Gateway, 2> gateways_;
  std::array<std::deque<Packet>, 2> instances_;
  std::optional<ResourceKey> swept_until_;
  Mark swept_mark_;
  std::vector<std::pair<WallTime, WallTime>> blind_;
  Tally tally_;
};

}  // namespace rostrum::presence::test
