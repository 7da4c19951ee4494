// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/bus/command_client.hpp"
#include "services/gateway/adapters/account_door.hpp"
#include "services/gateway/adapters/registration_probe.hpp"
#include "services/gateway/adapters/sender_session.hpp"

namespace rostrum::gateway {

using Findings = std::vector<bus::CommandResult::Finding>;

/// What we need of a server.
struct ServerNeeds {
  std::size_t stanza_bytes;
  bool presence_watch;
};

/// What the door's description says about the server, judged; each finding with the line that mends it.
[[nodiscard]] Findings judge_description(const DoorDescription& description, const std::string& unfit_because,
                                         const ServerNeeds& needs);

/// Looks at the Jabber server for `rostrum check`: asks the account door and tries what must be refused. One
/// look at a time serves all who ask meanwhile.
class Inspector {
 public:
  using OnFindings = std::function<void(const Findings&)>;
  struct Target {
    bus::HostAndPort server;
    std::string domain;
    ServerNeeds needs;
  };
  Inspector(SessionTools tools, Target target, SenderSession& sender, AccountDoor& door);

  void inspect(OnFindings on_findings);

 private:
  void begin();
  /// Adds to this round's findings, and only to this round's.
  void report(std::uint64_t round, Findings findings);
  void finish();
  [[nodiscard]] bus::CommandResult::Finding streams() const;

  SessionTools tools_;
  Target target_;
  SenderSession& sender_;
  AccountDoor& door_;
  std::vector<OnFindings> waiting_;
  Findings findings_;
  std::uint64_t round_ = 0;
  std::size_t parts_open_ = 0;
  std::unique_ptr<RegistrationProbe> probe_;
  bus::Timer deadline_timer_;
  bus::Timer finish_timer_;
};

}  // namespace rostrum::gateway
