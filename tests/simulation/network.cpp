// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/network.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::simulation {

namespace {

Milliseconds in_ms(MonoTime::duration duration) {
  return std::chrono::duration_cast<Milliseconds>(duration);
}

}  // namespace

void Connection::send(End from, std::any message) {
  auto& sender = ends_[index(from)];
  if (!sender.open) return;
  const auto at = std::max({world_.now() + world_.between(1, world_.happens(20) ? 60 : 4),
                            sender.stalled_until, sender.last_arrival});
  sender.last_arrival = at;
  world_.after(in_ms(at - world_.now()),
               [self = shared_from_this(), from, what = std::move(message)]() mutable {
                 if (self->ends_[index(from)].open) self->ends_[index(other(from))].ears.on_message(what);
               });
}

void Connection::close(End by) {
  if (!stands()) return;
  const auto last = std::exchange(ends_[index(by)].last_arrival, MonoTime{});
  ends_[index(other(by))].open = false;
  if (world_.happens(2) || ends_[index(by)].stalled_until > world_.now()) ends_[index(by)].open = false;
  let_hear(other(by), last);
}

void Connection::cut() {
  if (!stands()) return;
  for (auto& end : ends_) end.open = false;
  let_hear(End::kCaller, world_.now());
  let_hear(End::kListener, world_.now());
}

void Connection::fall_silent() {
  if (!stands()) return;
  for (auto& end : ends_) end.open = false;
  let_hear(End::kListener, world_.now() + world_.between(6'000, 12'000));
}

/// At once, or after the silence that it takes to notice.
void Connection::let_hear(End end, MonoTime not_before) {
  const auto soon = world_.now() + (world_.happens(3) ? world_.between(1'000, 6'000) : world_.between(1, 20));
  const auto at = std::max(soon, not_before);
  world_.after(in_ms(at - world_.now()), [self = shared_from_this(), end] {
    for (auto& one : self->ends_) one.open = false;
    self->ends_[index(end)].ears.on_broken();
  });
}

void Connection::stall(End from, Milliseconds duration) {
  ends_[index(from)].stalled_until = world_.now() + duration;
}

bool Connection::stalled_since(MonoTime moment) const {
  return ends_[0].stalled_until >= moment || ends_[1].stalled_until >= moment;
}

void Network::connect(const std::string& address, std::function<void(ConnectionPtr)> opened,
                      std::function<void()> failed) {
  world_.after(world_.between(1, 5), [this, address, opened = std::move(opened), failed = std::move(failed)] {
    if (world_.now() < isolated_until_[address]) {
      if (world_.happens(2)) failed();
      return;
    }
    const auto listener = listeners_.find(address);
    if (listener == listeners_.end()) return failed();
    auto connection = std::make_shared<Connection>(world_, address);
    connections_.push_back(connection);
    listener->second(connection);
    opened(connection);
  });
}

std::vector<ConnectionPtr> Network::standing() {
  std::vector<ConnectionPtr> standing;
  std::erase_if(connections_, [&](const auto& weak) {
    auto connection = weak.lock();
    const bool stands = connection != nullptr && connection->stands();
    if (stands) standing.push_back(std::move(connection));
    return !stands;
  });
  return standing;
}

void Network::cut_one() {
  const auto all = standing();
  if (all.empty()) return;
  const auto& one = all[world_.random().below(all.size())];
  world_.say("a connection to ", one->name(), " is cut");
  world_.count("connections cut");
  world_.harmed();
  one->cut();
}

void Network::silence_one() {
  const auto all = standing();
  if (all.empty()) return;
  const auto& one = all[world_.random().below(all.size())];
  world_.say("a connection to ", one->name(), " falls silent");
  world_.count("connections silent");
  world_.harmed();
  one->fall_silent();
}

void Network::stall_one() {
  const auto all = standing();
  if (all.empty()) return;
  const auto& one = all[world_.random().below(all.size())];
  if (one->stalled_since(world_.now() - 2 * kLongestStall)) return;
  const auto duration = world_.between(100, kLongestStall.count());
  const auto which = world_.random().below(3);
  world_.say("a connection to ", one->name(), " stands still for ", duration.count(), " ms, ",
             which == 0   ? "from the caller"
             : which == 1 ? "to the caller"
                          : "both ways");
  world_.count("connections stalled");
  world_.harmed(duration);
  if (which != 1) one->stall(Connection::End::kCaller, duration);
  if (which != 0) one->stall(Connection::End::kListener, duration);
}

void Network::isolate(const std::string& address, Milliseconds duration) {
  world_.say(address, " cannot be reached for ", duration.count(), " ms");
  world_.count("processes isolated");
  world_.harmed(duration);
  isolated_until_[address] = world_.now() + duration;
  for (const auto& one : standing()) {
    if (one->name() == address) one->cut();
  }
}

}  // namespace rostrum::simulation
