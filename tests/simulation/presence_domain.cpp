// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/presence_domain.hpp"

#include <utility>

namespace rostrum::simulation {

using gateway::ResourceName;
using gateway::ResourceState;

void PresenceDomain::watch(std::int64_t epoch, Tell tell) {
  if (epoch < epoch_) return tell(gateway::Superseded{"superseded"});
  if (epoch > epoch_ && tell_) {
    world_.count("watches superseded");
    std::exchange(tell_, nullptr)(gateway::Superseded{"superseded"});
  }
  epoch_ = epoch;
  tell_ = std::move(tell);
  tell_(gateway::ViewBegan{});
  for (const auto& [name, state] : online_) tell_(gateway::Came{name, state, gateway::kUnknownMoment});
  tell_(gateway::ViewWhole{});
}

void PresenceDomain::unwatch(std::int64_t epoch) {
  if (epoch == epoch_) tell_ = nullptr;
}

void PresenceDomain::break_watch() {
  if (!tell_) return;
  world_.say("the watch of epoch ", epoch_, " breaks");
  world_.count("views lost");
  world_.harmed();
  std::exchange(tell_, nullptr)(gateway::ViewLost{"stream-lost"});
}

void PresenceDomain::change() {
  const ResourceName who("m" + std::to_string(world_.random().below(5)), "desk");
  if (online_.contains(who) && world_.happens(2)) {
    online_.erase(who);
    world_.say(who.text(), " goes");
    if (tell_) tell_(gateway::Went{who, gateway::Departure::kLeft});
    return;
  }
  const ResourceState state{static_cast<gateway::Show>(world_.random().below(5)),
                            static_cast<std::int8_t>(world_.random().below(3)), ""};
  online_[who] = state;
  world_.say(who.text(), " is there");
  if (tell_) tell_(gateway::Came{who, state, world_.now()});
}

}  // namespace rostrum::simulation
