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
  /// Findings about a server are long; all else that is kept is far below it.
  static constexpr std::size_t kMostKeptBytes = std::size_t{64} * 1'024 * 1'024;

  CommandServerCore(LinkLimits limits, std::string instance, std::size_t kept_results,
                    std::size_t most_kept_bytes = kMostKeptBytes);

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
  [[nodiscard]] bool has_room() const {
    return working_.size() < limits_.window_total && bytes_ < limits_.window_total_bytes;
  }
  [[nodiscard]] std::size_t in_progress() const { return working_.size(); }
  [[nodiscard]] std::size_t peers() const { return peers_.size(); }
  [[nodiscard]] IntakeFlow flow() const {
    return {{working_.size(), bytes_}, peers_.granted(), peers_.budget()};
  }

 private:
  /// Who waits for a result: a conversation in which it was asked, with the bytes this took.
  struct Asked {
    PeerToken in;
    std::size_t bytes;
  };
  struct Working {
    std::string asker;
    std::size_t bytes;
    std::vector<Asked> waiting;
  };
  struct Kept {
    std::string asker;
    CommandResult result;
    std::size_t bytes;
  };
  struct Due {
    ResultsFrame::Item item;
    std::size_t bytes;  ///< of the command
  };

  void serve(const PeerTable::Work& work, CommandsFrame::Item& item, MonoTime now,
             CommandServerEffects& effects);
  bool answer_repeat(const PeerTable::Work& work, const Uuid& id, std::size_t bytes, PeerEffects& effects);
  void send_result(const Asked& asked, const Uuid& id, const CommandResult& result) {
    due_[asked.in.value].push_back({{id.to_bytes(), result}, asked.bytes});
  }
  void keep(const Uuid& id, std::string asker, CommandResult result);

  LinkLimits limits_;
  std::size_t kept_results_;
  std::size_t most_kept_bytes_;
  PeerTable peers_;
  std::map<std::uint64_t, std::vector<Due>> due_;  ///< by token
  std::unordered_map<Uuid, Working> working_;
  std::size_t bytes_ = 0;  ///< of working_
  std::unordered_map<Uuid, Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::deque<Uuid> by_age_;  ///< oldest first
};

}  // namespace rostrum::bus
