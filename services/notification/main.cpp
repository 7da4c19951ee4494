// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/main.hpp"

#include "services/notification/adapters/notification.hpp"

int main(int argc, char** argv) {
  using namespace rostrum;
  return service::run<notification::Settings>(
      argc, argv,
      {.name = "rostrum-notification",
       .summary = "Takes what the site has to say and sees that every member gets it.",
       .read = notification::read_settings,
       .run = notification::serve});
}
