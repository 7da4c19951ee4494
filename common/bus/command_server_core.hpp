// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/bus/command_server.hpp"
#include "common/bus/peer_table.hpp"

namespace rostrum::bus {

/// A command to be carried out now.
struct StartedCommand {
  Uuid id;
  std::shared_ptr<const rostrum::v1::Command> command;
  MonoTime deadline;
};

struct CommandServerEffects {
  PeerEffects peers;
  std::vector<StartedCommand> start;
};

/// The command server without its socket: what is new, what is being worked on, what was answered before.
class CommandServerCore {
 public:
  CommandServerCore(LinkLimits limits, std::string instance, std::size_t kept_results);

  [[nodiscard]] CommandServerEffects receive(const IncomingMessage& message, const AuthorizedKeys& keys,
                                             MonoTime now);
  void answer(const Uuid& id, CommandResult result);
  /// Sends the results that are due, gathered by peer: one by one, a burst of them would fill a peer's pipe.
  [[nodiscard]] CommandServerEffects flush();
  [[nodiscard]] bool results_due() const { return !due_.empty(); }
  [[nodiscard]] CommandServerEffects drop(const std::string& route);
  [[nodiscard]] CommandServerEffects greet_all(const AuthorizedKeys& keys);
  [[nodiscard]] CommandServerEffects set_open(bool open);

  /// Whether another message may be read: bounds what all peers together have in progress.
  [[nodiscard]] bool has_room() const { return working_.size() < window_total_; }
  [[nodiscard]] std::size_t in_progress() const { return working_.size(); }
  [[nodiscard]] std::size_t peers() const { return peers_.size(); }

 private:
  struct Working {
    std::string asker;
    std::vector<PeerToken> waiting;  ///< conversations in which it was asked
  };
  struct Kept {
    std::string asker;
    CommandResult result;
  };

  void serve(const PeerTable::Work& work, CommandsFrame::Item& item, MonoTime now,
             CommandServerEffects& effects);
  bool answer_repeat(const PeerTable::Work& work, const Uuid& id, PeerEffects& effects);
  void send_result(PeerToken to, const Uuid& id, const CommandResult& result) {
    due_[to.value].push_back({id.to_bytes(), result});
  }
  void keep(const Uuid& id, std::string asker, CommandResult result);

  std::size_t window_total_;
  std::size_t kept_results_;
  PeerTable peers_;
  std::map<std::uint64_t, std::vector<ResultsFrame::Item>> due_;  ///< by token
  std::unordered_map<Uuid, Working> working_;
  std::unordered_map<Uuid, Kept> kept_;
  std::deque<Uuid> by_age_;  ///< oldest first
};

}  // namespace rostrum::bus
