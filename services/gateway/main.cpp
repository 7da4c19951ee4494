// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/main.hpp"

#include "services/gateway/adapters/gateway.hpp"

int main(int argc, char** argv) {
  using namespace rostrum;
  return service::run<gateway::Settings>(
      argc, argv,
      {.name = "rostrum-gateway",
       .summary = "Speaks XMPP for the site: sends its messages, keeps its members' accounts.",
       .read = gateway::read_settings,
       .run = gateway::serve});
}
