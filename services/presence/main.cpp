// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/main.hpp"

#include "services/presence/adapters/presence.hpp"

int main(int argc, char** argv) {
  using namespace rostrum;
  return service::run<presence::Settings>(argc, argv,
                                          {.name = "rostrum-presence",
                                           .summary = "Keeps who is online, and who was.",
                                           .read = presence::read_settings,
                                           .run = presence::serve});
}
