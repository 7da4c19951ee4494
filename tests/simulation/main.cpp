// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/simulation/options.hpp"
#include "tests/simulation/presence_history.hpp"
#include "tests/simulation/work_history.hpp"

namespace rostrum::simulation {
namespace {

/// What has to come up among so many histories; otherwise they are dull, and their silence says nothing.
constexpr std::uint64_t kEnough = 1'000;
constexpr std::string_view kMustHappen[] = {"Jabber server deaths between doing and answering",
                                            "Jabber servers out of a gateway's reach",
                                            "Jabber servers slow",
                                            "attempts taken over after their hold",
                                            "claims refused",
                                            "commands expired",
                                            "commands given up",
                                            "commands sent again",
                                            "commits in doubt",
                                            "connections cut",
                                            "connections silent",
                                            "connections stalled",
                                            "creations repeated",
                                            "databases away",
                                            "databases away from one instance",
                                            "dead letters",
                                            "deliveries expired",
                                            "duplicates",
                                            "epochs begun",
                                            "events sent again",
                                            "gateways replaced",
                                            "gateways too busy",
                                            "histories without a fault",
                                            "instances killed for good",
                                            "leases given back",
                                            "leases lapsed",
                                            "observations repeated",
                                            "observations stale",
                                            "observations told again",
                                            "offers not taken now",
                                            "overflows",
                                            "processes isolated",
                                            "processes killed between commit and answer",
                                            "rejections",
                                            "results of old attempts",
                                            "results unknown",
                                            "sessions swept",
                                            "stanzas handed over again",
                                            "transactions refused for good",
                                            "transactions rolled back",
                                            "views lost",
                                            "watches superseded"};

thread_local std::uint64_t seed_at_hand = 0;

void say_seed(std::ostream& out, std::uint64_t seed) {
  out << "every step of it: build/dev/tests/simulate --seed " << seed << " --trace" << std::endl;
}

/// An invariant of a core ends the process; then the seed is all there is to say.
void on_abort(int) {
  std::array<char, 128> words{};
  const int size = std::snprintf(
      words.data(), words.size(),
      "in seed %llu; every step of it: build/dev/tests/simulate --seed %llu --trace\n",
      static_cast<unsigned long long>(seed_at_hand), static_cast<unsigned long long>(seed_at_hand));
  std::fwrite(words.data(), 1, static_cast<std::size_t>(size), stderr);
}

/// Plays the histories of all seeds, on as many threads; each history is one thread's alone.
class Run {
 public:
  explicit Run(const Options& options) : options_(options), next_(options.first) {}

  /// Whether every promise was kept.
  bool play() {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options_.threads; ++i) threads.emplace_back([this] { play_some(); });
    for (auto& thread : threads) thread.join();
    if (!broken_) return true;
    std::cout << "seed " << broken_->first << ": " << broken_->second << '\n';
    say_seed(std::cout, broken_->first);
    return false;
  }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  void play_some() {
    const auto end = options_.first + options_.seeds;
    for (auto seed = next_++; seed < end && !stop_; seed = next_++) {
      seed_at_hand = seed;
      seed % 2 == 1 ? play<WorkHistory>(seed) : play<PresenceHistory>(seed);
    }
  }

  template <class History>
  void play(std::uint64_t seed) {
    World world(seed, options_.trace ? &std::cout : nullptr);
    try {
      History(world).play();
    } catch (const Broken& broken) {
      const std::lock_guard lock(mutex_);
      stop_ = true;
      if (!broken_ || seed < broken_->first) broken_.emplace(seed, broken.what());
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [what, times] : world.tally()) tally_[what] += times;
  }

  const Options options_;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::optional<std::pair<std::uint64_t, std::string>> broken_;
  Tally tally_;
};

int run(const Options& options) {
  Run run(options);
  if (!run.play()) return 1;
  for (const auto& [what, times] : run.tally()) std::cout << times << "  " << what << '\n';
  if (options.seeds < kEnough) return 0;
  bool dull = false;
  for (const auto what : kMustHappen) {
    if (run.tally().contains(what)) continue;
    std::cout << "never: " << what << '\n';
    dull = true;
  }
  return dull ? 1 : 0;
}

}  // namespace
}  // namespace rostrum::simulation

/// Histories are many and short: no long memory of where each byte was allocated.
extern "C" const char*
__asan_default_options() {  // NOLINT(bugprone-reserved-identifier,cert-dcl37-c): its name
  return "malloc_context_size=2:quarantine_size_mb=8";
}

int main(int argc, char** argv) {
  (void)std::signal(SIGABRT, rostrum::simulation::on_abort);
  const auto options = rostrum::simulation::read_options(argc, argv);
  return options ? rostrum::simulation::run(*options) : rostrum::simulation::usage();
}
