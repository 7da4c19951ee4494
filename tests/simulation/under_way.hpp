// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/base/uuid.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/world.hpp"

namespace rostrum::simulation {

/// What is asked of all gateways, seen from above: no member has two commands of one kind under way, and
/// nothing begins that nobody waits for any more.
class UnderWay {
 public:
  /// A command was asked for; it is not to begin after `expires_at`, and given up `stanza_deadline` later.
  void asked(const Uuid& command, MonoTime expires_at, Milliseconds stanza_deadline) {
    commands_asked_[command] = {expires_at, stanza_deadline, std::nullopt};
  }
  /// A gateway's process takes it on; one that was started anew knows nothing of what the one before did.
  void started(const Uuid& command, const std::string& gateway) {
    promise(started_.insert(command).second, "a command is one process's alone, but ", gateway,
            " was asked what another was");
  }
  void begin(const std::string& what, const Uuid& command, MonoTime now) {
    auto& asked = commands_asked_.at(command);
    promise(now < asked.expires_at + asked.stanza_deadline, "nothing begins that was given up: ", what);
    // Its time counts from its arrival.
    promise(now < asked.expires_at + kLongestStall + Milliseconds(500),
            "an expired command is never started: ", what);
    asked.begun_at = now;
    auto& commands = commands_[what];
    promise(commands.empty() || commands.contains(command), "at most one command at a time: ", what,
            " has two under way");
    commands.insert(command);
  }
  [[nodiscard]] bool has_begun(const Uuid& command) const {
    return commands_asked_.at(command).begun_at.has_value();
  }
  /// The gateway knows how it went, or that nobody does.
  void end(const std::string& what, const Uuid& command, MonoTime now) {
    const auto& asked = commands_asked_.at(command);
    promise(now <= *asked.begun_at + asked.stanza_deadline, "what begins ends within its deadline: ", what);
    forget(what, command);
  }
  /// The gateway has died.
  void forget(const std::string& what, const Uuid& command) { commands_[what].erase(command); }
  /// Nobody waits any more for what is under way: it was taken over, and then the earlier attempt's end was
  /// heard.
  void outlive(const std::string& what) { commands_.erase(what); }

 private:
  std::map<std::string, std::set<Uuid>> commands_;
  struct Asked {
    MonoTime expires_at;
    Milliseconds stanza_deadline;
    std::optional<MonoTime> begun_at;
  };
  std::map<Uuid, Asked> commands_asked_;
  std::set<Uuid> started_;
};

}  // namespace rostrum::simulation
