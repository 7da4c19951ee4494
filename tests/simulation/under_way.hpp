// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>

#include "common/base/uuid.hpp"
#include "tests/simulation/world.hpp"

namespace rostrum::simulation {

/// What is asked of all gateways, seen from above: no member has two commands of one kind under way, and
/// nothing begins that nobody waits for any more.
class UnderWay {
 public:
  /// A command was asked for; its asker gives it up then.
  void asked(const Uuid& command, MonoTime given_up_at) { given_up_at_[command] = given_up_at; }
  [[nodiscard]] MonoTime given_up_at(const Uuid& command) const { return given_up_at_.at(command); }
  void begin(const std::string& what, const Uuid& command) {
    auto& commands = commands_[what];
    promise(commands.empty() || commands.contains(command), "at most one command at a time: ", what,
            " has two under way");
    commands.insert(command);
  }
  void end(const std::string& what, const Uuid& command) { commands_[what].erase(command); }

 private:
  std::map<std::string, std::set<Uuid>> commands_;
  std::map<Uuid, MonoTime> given_up_at_;
};

}  // namespace rostrum::simulation
