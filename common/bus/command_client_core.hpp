// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/bus/command_client.hpp"
#include "common/bus/credit_window.hpp"
#include "common/bus/frames.hpp"

namespace rostrum::bus {

/// A command that has its result.
struct EndedCommand {
  Uuid id;
  CommandResult result;
};

/// The command client without its sockets: which gateway gets which command, what is sent again, when it is
/// given up.
class CommandClientCore {
 public:
  using GatewayIndex = std::size_t;
  /// Gateways 0 to `gateways` - 1, as if they had been added.
  CommandClientCore(std::size_t gateways, Milliseconds stanza_deadline);

  /// One more gateway, with an index that was never used before.
  [[nodiscard]] GatewayIndex add();
  /// Connected, or with commands that have no result.
  [[nodiscard]] bool needed(GatewayIndex gateway) const;
  /// Only one that is not needed.
  void remove(GatewayIndex gateway);

  [[nodiscard]] std::vector<EndedCommand> welcomed(GatewayIndex gateway, const WelcomeFrame& welcome);
  /// More credit, or none for the time being.
  void credited(GatewayIndex gateway, const CreditFrame& frame);
  [[nodiscard]] std::vector<EndedCommand> answered(GatewayIndex gateway, ResultsFrame frame);
  void lost(GatewayIndex gateway);

  /// The gateway it will go to; nothing: none has credit, nothing was kept. `action_bytes`: of the command
  /// serialised, without id and time to live.
  [[nodiscard]] std::optional<GatewayIndex> send(const Uuid& id,
                                                 std::shared_ptr<const rostrum::v1::Command> command,
                                                 std::size_t action_bytes, Milliseconds time_to_live,
                                                 MonoTime now);
  /// Whether there is a gateway and none takes frames as large as such a command needs: no credit will help.
  [[nodiscard]] bool too_large(std::size_t action_bytes) const;
  /// The next frame for this gateway; counts its commands as sent.
  [[nodiscard]] std::optional<CommandsFrame> next_frame(GatewayIndex gateway, MonoTime now);
  /// Gives up what is over its time.
  [[nodiscard]] std::vector<EndedCommand> tick(MonoTime now);
  [[nodiscard]] std::optional<MonoTime> wake_at() const;

  /// How many more commands like the latest one would be taken.
  [[nodiscard]] std::size_t credit() const;
  [[nodiscard]] std::size_t in_flight() const { return commands_.size(); }
  [[nodiscard]] std::size_t gateways() const;

 private:
  using Sequence = std::uint64_t;
  struct Command {
    GatewayIndex gateway;
    Sequence sequence;
    std::shared_ptr<const rostrum::v1::Command> command;
    std::size_t action_bytes;
    MonoTime expires_at;     ///< not to be started after
    MonoTime given_up_at;    ///< not to be waited for after
    bool ever_sent = false;  ///< in this conversation or an earlier one
  };
  /// What a command costs at most.
  [[nodiscard]] static Load cost_of(std::size_t action_bytes);
  struct Gateway {
    bool connected = false;
    std::string instance;  ///< empty: never met
    CreditPurse purse;
    std::size_t max_batch = 1;
    std::size_t max_frame_bytes = 0;
    std::map<Sequence, Uuid> unsent;  ///< in this conversation
    std::set<Uuid> commands;          ///< all that are this gateway's to answer
    Load unsent_load = {};            ///< of `unsent`, at most
    [[nodiscard]] Load room() const;
    [[nodiscard]] bool takes(const Load& command) const;  ///< in a frame, whatever the credit
    void queue(const Uuid& id, const Command& command);
    void unqueue(const Command& command);
  };

  EndedCommand end(const Uuid& id, CommandResult result);
  [[nodiscard]] std::vector<EndedCommand> give_up_all(Gateway& gateway);

  Milliseconds stanza_deadline_;
  std::map<GatewayIndex, Gateway> gateways_;
  GatewayIndex next_gateway_ = 0;
  std::map<Uuid, Command> commands_;
  std::set<std::pair<MonoTime, Uuid>> deadlines_;
  Sequence last_ = 0;
  std::uint64_t latest_bytes_ = 1;  ///< of the latest command that was to be sent, at most
};

}  // namespace rostrum::bus
