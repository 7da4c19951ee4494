// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/services.hpp"

#include <utility>

namespace rostrum::simulation {

namespace {

constexpr Milliseconds kLookEvery{2'000};

bus::PublicKey key_of(const Surroundings& around, const std::string& name) {
  const auto* key = around.keys.find_by_name(name);
  ROSTRUM_INVARIANT(key != nullptr);
  return key->key;
}

}  // namespace

RegistrationProcess::RegistrationProcess(const Surroundings& around, const std::string& address,
                                         std::function<void()> die)
    : worker_(around.world, around.store,
              {.on_up = [this] { intake_.database_up(); },
               .on_down = [this] { intake_.database_down(); },
               .die = std::move(die)}),
      work_(around.world),
      gateways_(around.world, around.network, address, key_of(around, "registration"), around.gateways,
                kStanzaDeadline, around.under_way, [this] { dispatcher_.turn(); }),
      dispatcher_(around.world, worker_, gateways_, work_),
      intake_(around.world, around.network, address, around.keys, worker_,
              {.served_types = {"member_upserted", "member_removed", "password_changed"},
               .transaction =
                   [&world = around.world](Database& database) {
                     return std::make_unique<RegistrationEvents>(world, database);
                   },
               .committed = [this] { dispatcher_.kick(); }}) {}

NotificationProcess::NotificationProcess(const Surroundings& around, const std::string& address,
                                         std::function<void()> die)
    : world_(around.world),
      worker_(around.world, around.store,
              {.on_up = [this] { intake_.database_up(); },
               .on_down = [this] { intake_.database_down(); },
               .die = std::move(die)}),
      work_(around.world, around.under_way, around.copies),
      gateways_(around.world, around.network, address, key_of(around, "notification"), around.gateways,
                kStanzaDeadline, around.under_way, [this] { dispatcher_.turn(); }),
      dispatcher_(around.world, worker_, gateways_, work_),
      intake_(around.world, around.network, address, around.keys, worker_,
              {.served_types = {"notice_published"},
               .transaction =
                   [&world = around.world](Database& database) {
                     return std::make_unique<NotificationEvents>(world, database);
                   },
               .committed = [this] { expand(); }}) {
  look_for_notices();
  sweep();
}

void NotificationProcess::expand() {
  if (std::exchange(expanding_, true)) return;
  worker_.submit<std::size_t>([this](Database& database) { return expand_some(world_, database); },
                              [this](std::optional<std::size_t> notices) {
                                expanding_ = false;
                                if (*notices == 0) return;
                                dispatcher_.kick();
                                expand();
                              });
}

void NotificationProcess::look_for_notices() {
  expand();
  world_.after(kLookEvery, life_.guard([this] { look_for_notices(); }));
}

void NotificationProcess::sweep() {
  worker_.submit<bool>(
      [this](Database& database) {
        simulation::sweep(world_, database);
        return true;
      },
      [this](std::optional<bool>) { world_.after(kLookEvery, life_.guard([this] { sweep(); })); });
}

}  // namespace rostrum::simulation
