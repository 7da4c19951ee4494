// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/main.hpp"

#include "services/registration/adapters/registration.hpp"

int main(int argc, char** argv) {
  using namespace rostrum;
  return service::run<registration::Settings>(
      argc, argv,
      {.name = "rostrum-registration",
       .summary = "Takes what the site says of its members and has their Jabber accounts follow.",
       .read = registration::read_settings,
       .run = registration::serve});
}
