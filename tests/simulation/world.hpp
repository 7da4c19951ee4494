// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <queue>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/random.hpp"
#include "tests/support/fake_clock.hpp"

namespace rostrum::simulation {

/// A promise was not kept: which one, of what.
struct Broken : std::runtime_error {
  using runtime_error::runtime_error;
};

/// How often something happened; the keys are literals.
using Tally = std::map<std::string_view, std::uint64_t>;

/// The life of a process: what it had set going does not happen after its end.
class Life {
 public:
  template <class Act>
  [[nodiscard]] auto guard(Act act) const {
    return [alive = std::weak_ptr<const bool>(alive_), act = std::move(act)](auto&&... arguments) mutable {
      if (!alive.expired()) act(std::forward<decltype(arguments)>(arguments)...);
    };
  }

 private:
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

/// What may go wrong in a history. Each history has its own choice, so that rare combinations come up and
/// each fault is also met alone.
struct Faults {
  bool kills = false;         ///< processes die, and come back empty
  bool cuts = false;          ///< connections break
  bool stalls = false;        ///< connections stand still for a while, in one direction or both
  bool unreachable = false;   ///< nobody can connect to a process for a while
  bool rollbacks = false;     ///< transactions are rolled back and run again
  bool doubts = false;        ///< a commit's answer gets lost, although it holds
  bool store_away = false;    ///< the database is away for a while
  bool server_dies = false;   ///< the Jabber server dies, also between doing and answering
  bool server_fails = false;  ///< the Jabber server answers with errors of its hour
  bool server_slow = false;   ///< the Jabber server takes its time, one thing after the other
};

/// One thread, one queue of what is to come, one seed: the same seed is the same history.
class World {
 public:
  /// `trace`: where every step is told in words; null: nowhere.
  explicit World(std::uint64_t seed, std::ostream* trace = nullptr);

  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] MonoTime now() const { return clock_.mono(); }
  [[nodiscard]] WallTime wall() const { return clock_.wall(); }

  /// `act` happens then, behind all that was set for the same moment before.
  void after(Milliseconds delay, std::function<void()> act);
  /// The next thing happens. False: there is none.
  bool step();
  /// All that is to come until then happens.
  void live_until(MonoTime moment);

  [[nodiscard]] SeededRandom& random() { return random_; }
  /// Once in so many times.
  [[nodiscard]] bool happens(unsigned one_in) { return random_.below(one_in) == 0; }
  [[nodiscard]] Milliseconds between(Milliseconds::rep least, Milliseconds::rep most) {
    return Milliseconds(
        least + static_cast<Milliseconds::rep>(random_.below(static_cast<std::uint64_t>(most - least + 1))));
  }

  /// Whether faults may happen still; while they may, some do.
  [[nodiscard]] bool calm() const { return calm_; }
  void become_calm() { calm_ = true; }
  [[nodiscard]] const Faults& faults() const { return faults_; }
  /// A fault of this kind happens now: once in so many times, while there may be some.
  [[nodiscard]] bool fails(bool Faults::*kind, unsigned one_in) {
    return !calm_ && faults_.*kind && happens(one_in);
  }
  /// Something was broken just now; `for_long`: it stays so for a while.
  void harmed(Milliseconds for_long = Milliseconds(0));
  /// Whether something was broken at this moment or later.
  [[nodiscard]] bool harmed_since(MonoTime moment) const { return harmed_until_ >= moment; }

  template <class... Parts>
  void say(const Parts&... parts) const {
    if (trace_ == nullptr) return;
    std::ostringstream words;
    (words << ... << parts);
    tell(words.str());
  }
  void count(std::string_view what, std::uint64_t times = 1) { tally_[what] += times; }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  struct Coming {
    MonoTime at;
    std::uint64_t number;
    std::function<void()> act;
    bool operator<(const Coming& other) const {  // the first one on top
      return std::pair(other.at, other.number) < std::pair(at, number);
    }
  };
  void tell(const std::string& words) const;

  rostrum::test::FakeClock clock_;
  SeededRandom random_;
  std::ostream* trace_;
  std::priority_queue<Coming> coming_;
  std::uint64_t last_number_ = 0;
  std::uint64_t steps_ = 0;
  bool calm_ = false;
  Faults faults_;
  MonoTime harmed_until_ = MonoTime::min();
  Tally tally_;
};

/// A promise: what must hold, in words.
template <class... Parts>
void promise(bool kept, const Parts&... parts) {
  if (kept) return;
  std::ostringstream words;
  (words << ... << parts);
  throw Broken(words.str());
}

}  // namespace rostrum::simulation
