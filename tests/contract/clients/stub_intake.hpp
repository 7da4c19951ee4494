// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/bus/event_intake.hpp"

namespace rostrum {

/// What a stub remembers across its restarts, as a database would: the ids that were committed, in order.
class StubLedger {
 public:
  /// False when it was there before.
  bool commit(const bus::ReceivedEvent& event);
  [[nodiscard]] std::vector<bus::ReceivedEvent> events() const;
  [[nodiscard]] std::vector<EventId> ids() const;

 private:
  mutable std::mutex mutex_;
  std::set<EventId> known_;
  std::vector<bus::ReceivedEvent> events_;
};

/// A real intake on a real socket in a thread of its own, with a memory in place of a database.
class StubIntake {
 public:
  /// What the stub answers to an event that it would accept: nothing, or a rejection.
  using Verdict = std::function<std::optional<std::pair<int, std::string>>(const bus::ReceivedEvent&)>;
  struct Settings {
    std::string authorized_keys;
    bus::KeyPair own;
    std::string listen = "tcp://127.0.0.1:0";
    std::vector<std::string> served_types;
    bus::LinkLimits limits = {};
    bool open = true;       ///< gives credit
    bool answering = true;  ///< false: takes events and never concludes them, as if the database hung
    Verdict verdict = [](const bus::ReceivedEvent&) { return std::nullopt; };
  };
  StubIntake(StubLedger& ledger, Settings settings);
  ~StubIntake();
  StubIntake(const StubIntake&) = delete;
  StubIntake& operator=(const StubIntake&) = delete;

  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  [[nodiscard]] std::size_t seen() const { return seen_; }
  [[nodiscard]] std::size_t frames() const { return frames_; }  ///< with events
  void set_open(bool open);

 private:
  void on_gathered();

  StubLedger& ledger_;
  const Settings settings_;
  SystemClock clock_;
  SystemRandom random_;
  bus::Reactor reactor_{clock_};
  std::unique_ptr<bus::Authenticator> authenticator_;
  std::unique_ptr<bus::EventIntake> intake_;
  std::string endpoint_;
  std::atomic<std::size_t> seen_ = 0;
  std::atomic<std::size_t> frames_ = 0;
  std::thread thread_;
};

}  // namespace rostrum
