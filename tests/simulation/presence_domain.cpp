// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/presence_domain.hpp"

#include <algorithm>
#include <iterator>
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

void PresenceDomain::hide_from(const std::string& gateway, Milliseconds duration) {
  world_.say(gateway, " cannot watch for ", duration.count(), " ms");
  world_.count("Jabber servers out of a gateway's reach");
  hidden_until_[gateway] = world_.now() + duration;
}

bool PresenceDomain::is_reached_by(const std::string& gateway) const {
  const auto found = hidden_until_.find(gateway);
  return found == hidden_until_.end() || world_.now() >= found->second;
}

void PresenceDomain::change() {
  const ResourceName who("m" + std::to_string(world_.random().below(5)), "desk");
  if (online_.contains(who) && world_.happens(2)) {
    online_.erase(who);
    turn(who, false);
    world_.say(who.text(), " goes");
    if (tell_) tell_(gateway::Went{who, gateway::Departure::kLeft});
    return;
  }
  const ResourceState state{static_cast<gateway::Show>(world_.random().below(5)),
                            static_cast<std::int8_t>(world_.random().below(3)), ""};
  online_[who] = state;
  turn(who, true);
  world_.say(who.text(), " is there");
  if (tell_) tell_(gateway::Came{who, state, world_.now()});
}

void PresenceDomain::turn(const ResourceName& who, bool there) {
  auto& turns = turns_[who];
  if (turns.empty() || turns.rbegin()->second != there) turns[world_.wall()] = there;
}

std::set<ResourceName> PresenceDomain::everybody() const {
  std::set<ResourceName> everybody;
  for (const auto& [who, turns] : turns_) everybody.insert(who);
  return everybody;
}

bool PresenceDomain::was(const ResourceName& who, bool there, WallTime from, WallTime to) const {
  const auto& turns = turns_.at(who);
  const auto behind = turns.upper_bound(to);
  const auto first = turns.upper_bound(from);
  const bool at_first = first != turns.begin() && std::prev(first)->second;
  return at_first == there ||
         std::any_of(first, behind, [&](const auto& turn) { return turn.second == there; });
}

}  // namespace rostrum::simulation
