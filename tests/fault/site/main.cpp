// SPDX-License-Identifier: GPL-3.0-or-later
// rostrum-fault-site: a site that publishes all the time and keeps an outbox, for tests/fault. It can be
// killed and started again as often as one likes. SIGTERM: nothing new; it ends when all is answered.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "common/base/clock.hpp"
#include "common/base/random.hpp"
#include "common/base/uuid.hpp"
#include "tests/fault/site/journal.hpp"
#include "tests/fault/site/plan.hpp"

namespace rostrum::fault {
namespace {

constexpr std::size_t kMostOpen = 512;

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a signal handler has nothing else.
volatile std::sig_atomic_t stopping = 0;

class Site {
 public:
  Site(Journal& journal, Plan plan, PublisherSettings settings)
      : journal_(journal),
        plan_(std::move(plan)),
        to_offer_(journal.open()),
        publisher_(listening(std::move(settings))) {}

  /// `until`: how many events there are to be at the end; 0: until SIGTERM.
  void run(std::chrono::milliseconds pause, std::size_t until) {
    const auto is_enough = [&] { return stopping != 0 || (until > 0 && journal_.size() >= until); };
    while (!is_enough() || open() > 0) {
      if (!is_enough() && open() < kMostOpen) say_next();
      offer();
      std::this_thread::sleep_for(pause);
    }
  }

 private:
  PublisherSettings listening(PublisherSettings settings) {
    settings.on_outcome = [this](const Outcome& outcome) { told(outcome); };
    return settings;
  }

  void say_next() {
    nlohmann::json about;
    const auto number = journal_.size();
    const auto id = EventId::make(clock_.wall(), random_).to_string();
    auto event = plan_.event(number, about).with_id(id);
    const Entry entry{id, publisher_.pack(std::move(event)), about.at("kind") == "notice"};
    journal_.add(entry, about);
    const std::lock_guard lock(mutex_);
    to_offer_.emplace(number, entry);
  }

  /// In their order for each intake; where one says "not now", its later ones wait as well.
  void offer() {
    auto waiting = take();
    bool is_refused[] = {false, false};
    for (auto& [number, entry] : waiting) {
      bool& refused = is_refused[entry.is_notice ? 1 : 0];
      {
        const std::lock_guard lock(mutex_);
        (refused ? to_offer_ : offered_).emplace(number, entry);
        number_of_[entry.id] = number;
      }
      if (refused) continue;
      const auto outcome = publisher_.publish(Event::unpack(entry.bytes)).outcome();
      if (!outcome) continue;
      told(*outcome);
      refused = outcome->status == Outcome::Status::kNotNow;
    }
  }

  std::map<std::size_t, Entry> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(to_offer_, {});
  }

  /// On either thread; of an event that ended inside publish(), twice at most.
  void told(const Outcome& outcome) {
    const std::lock_guard lock(mutex_);
    const auto at = offered_.find(number_of_.at(outcome.event_id));
    if (at == offered_.end() || outcome.status == Outcome::Status::kClosed) return;
    if (outcome.status == Outcome::Status::kNotNow) {
      to_offer_.insert(offered_.extract(at));
      return;
    }
    journal_.tell(outcome);
    offered_.erase(at);
  }

  std::size_t open() {
    const std::lock_guard lock(mutex_);
    return to_offer_.size() + offered_.size();
  }

  Journal& journal_;
  Plan plan_;
  SystemClock clock_;
  SystemRandom random_;
  std::mutex mutex_;
  std::map<std::size_t, Entry> to_offer_;
  std::map<std::size_t, Entry> offered_;
  std::map<std::string, std::size_t> number_of_;
  Publisher publisher_;  // last: its thread calls told()
};

std::vector<std::string> parts(const std::string& list) {
  std::vector<std::string> all;
  std::istringstream stream(list);
  for (std::string part; std::getline(stream, part, ',');) all.push_back(part);
  return all;
}

int run(const std::vector<std::string>& words) {
  const std::string keys = words.at(4) + "/";
  Journal journal(words.at(1));
  const Plan plan(words.at(5), std::stoul(words.at(6)));
  Site site(journal, plan,
            {.source_key_file = keys + "site.secret",
             .registration = {parts(words.at(2)), keys + "registration.public"},
             .notification = {parts(words.at(3)), keys + "notification.public"},
             .sealing_key_file = keys + "sealing.public"});
  const bool is_opening = words.size() > 8 && words.at(8) == "--opening";
  site.run(std::chrono::milliseconds(std::stoul(words.at(7))), is_opening ? plan.opening() : 0);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace rostrum::fault

int main(int argc, char** argv) {
  (void)std::signal(SIGTERM, [](int) { rostrum::fault::stopping = 1; });
  const std::vector<std::string> words(argv, argv + argc);
  if (words.size() < 8) {
    std::cerr << "usage: rostrum-fault-site JOURNAL REGISTRATION NOTIFICATION KEYS DOMAIN READERS PAUSE_MS "
                 "[--opening]\n";
    return 2;
  }
  try {
    return rostrum::fault::run(words);
  } catch (const std::exception& error) {
    std::cerr << "rostrum-fault-site: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
