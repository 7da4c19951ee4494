// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/bus/authenticator.hpp"
#include "common/bus/command_server.hpp"
#include "common/bus/event_publisher.hpp"
#include "rostrum/v1/command.pb.h"
#include "rostrum/v1/event.pb.h"
#include "tests/contract/notification/world.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::notification {

/// The real executable on a real database, between a site and a gateway that are this test: everything over
/// real sockets.
class Service : public World {
 protected:
  void SetUp() override;
  void TearDown() override;

  void start();
  void kill();
  /// SIGTERM; the exit code.
  int stop();

  /// Turns the reactor until the condition holds.
  void until(const std::string& what, const std::function<bool()>& condition);

  // The site and the gateway as publishers.
  EventId offer(bus::EventPublisher& publisher, v1::Event event);
  void offer_again(bus::EventPublisher& publisher, const EventId& id, v1::Event event);
  bus::EventOutcome outcome_of(const EventId& id);
  std::string published(v1::Event event);

  // The gateway as receiver of commands.
  void answer_all(bus::CommandResult::Status status);
  [[nodiscard]] std::string get(const std::string& path) const;

  struct Asked {
    Uuid command;
    v1::SendMessage message;
  };
  std::vector<Asked> asked;                ///< not yet answered
  std::map<std::string, int> times_asked;  ///< by stanza id
  std::vector<bus::EventOutcome> outcomes;

  bus::Reactor reactor{clock};
  std::optional<bus::Authenticator> authenticator;
  std::optional<bus::EventPublisher> site;
  std::optional<bus::EventPublisher> gateway_events;
  std::optional<bus::CommandServer> gateway;

 private:
  bus::ConnectSettings to_service(const bus::KeyPair& own) const;
  void write_configuration();

  test::TemporaryFolder folder_;
  int port_ = 0;
  int http_port_ = 0;
  bus::KeyPair service_key_ = bus::make_key_pair();
  bus::KeyPair site_key_ = bus::make_key_pair();
  bus::KeyPair gateway_key_ = bus::make_key_pair();
  int child_ = -1;
};

}  // namespace rostrum::notification
