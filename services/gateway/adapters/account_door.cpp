// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/account_door.hpp"

#include "common/base/crash_point.hpp"

namespace rostrum::gateway {

AccountDoor::AccountDoor(SessionTools tools, SessionSettings settings, Jid site, DoorLimits limits,
                         metrics::Health::Part& health, OnOutcome on_outcome, OnMessage on_message)
    : clock_(tools.reactor.clock()),
      log_(tools.log),
      health_(health),
      site_(std::move(site)),
      control_(settings.account),
      on_outcome_(std::move(on_outcome)),
      door_(limits),
      session_(tools, std::move(settings),
               {.on_online = [this] { look(); },
                .on_offline =
                    [this](const std::string& why) {
                      health_.bad(why);
                      look_timer_.stop();
                      perform(door_.closed("not-connected"));
                    },
                .on_message = std::move(on_message)}),
      tick_timer_(tools.reactor),
      look_timer_(tools.reactor) {
  tick();
}

/// Sees whether the door is one that we can use, and again later while it is not: operators mend servers
/// without telling us.
void AccountDoor::look() {
  describe([this](const DoorDescription&, const std::string& unfit) {
    if (unfit.empty()) {
      health_.good();
      return perform(door_.opened(now()));
    }
    health_.bad(unfit);
    log_.error("account_door_unfit", {{"reason", unfit}});
    perform(door_.closed("door-unfit"));
    constexpr Milliseconds kLookAgain{30'000};
    look_timer_.start(kLookAgain, [this] { look(); });
  });
}

void AccountDoor::describe(OnDescription on_description) {
  session_.request(gloox::IQ::Get, std::make_unique<gloox::Tag>("describe", gloox::XMLNS, kDoorNamespace),
                   [this, answer = std::move(on_description)](const gloox::Tag& iq) {
                     const auto description = read_description(iq);
                     answer(description, unfit_because(description, site_, control_));
                   });
}

void AccountDoor::try_registration(std::function<void(bool)> on_answer) {
  session_.request(
      gloox::IQ::Get, std::make_unique<gloox::Tag>("query", gloox::XMLNS, "jabber:iq:register"),
      [answer = std::move(on_answer)](const gloox::Tag& iq) { answer(iq.findAttribute("type") == "error"); });
}

void AccountDoor::ask(const Uuid& command, DoorRequest request, MonoTime deadline) {
  perform(door_.ask(command, std::move(request), deadline, now()));
}

void AccountDoor::stop() {
  perform(door_.stop());
}

void AccountDoor::close() {
  session_.stop();
  perform(door_.closed("stopping"));
}

void AccountDoor::perform(Door::Effects effects) {
  for (auto& effect : effects) std::visit([this](auto& one) { perform_one(one); }, effect);
}

void AccountDoor::perform_one(Door::Transmit& effect) {
  session_.request(gloox::IQ::Set, door_element(effect.content),
                   [this, request = effect.request](const gloox::Tag& iq) {
                     crash_point("door.replied");
                     perform(door_.replied(request, read_reply(iq), now()));
                   });
  crash_point("door.asked");
}

void AccountDoor::tick() {
  constexpr Milliseconds kTick{200};
  tick_timer_.start(kTick, [this] { tick(); });
  perform(door_.tick(now()));
}

}  // namespace rostrum::gateway
