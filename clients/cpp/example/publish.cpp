// SPDX-License-Identifier: Apache-2.0
// publish tcp://REGISTRATION tcp://NOTIFICATION: a member comes, and the member's group hears of it.
#include <iostream>

#include "rostrum/publisher.hpp"

int main(int, char** argv) {
  using namespace std::chrono_literals;
  rostrum::Publisher site({.source_key_file = "keys/site.secret",
                           .registration = {{argv[1]}, "keys/registration.public"},
                           .notification = {{argv[2]}, "keys/notification.public"},
                           .sealing_key_file = "keys/sealing.public"});
  if (!site.wait_for_credit(5s)) return 4;
  site.publish(rostrum::group_upserted("editors", "The editors"));
  const auto member = site.publish(rostrum::member_upserted(
      "anna", {.jid = "anna@site.test", .groups = {"editors"}, .password = "plum-7-tree"}));
  if (!site.flush(5s)) return 4;  // a notice goes to those who are known when it is expanded
  const auto notice =
      site.publish(rostrum::announcement(rostrum::to_groups({"editors"}), {.text = "Welcome, Anna!"}));
  if (!site.flush(5s)) return 4;
  std::cout << describe(*member.outcome()) << '\n' << describe(*notice.outcome()) << '\n';
}
