// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <any>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/world.hpp"

namespace rostrum::simulation {

/// A connection as TCP makes it: what one end sends arrives at the other in its order, late or not at all,
/// until the connection breaks; then an end hears of it sooner or later.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  enum class End { kCaller, kListener };

  Connection(World& world, std::string name) : world_(world), name_(std::move(name)) {}

  /// What happens at an end; guarded by the life of whoever is there.
  struct Ears {
    std::function<void(std::any&)> on_message = [](std::any&) {};
    std::function<void()> on_broken = [] {};  ///< once: it has heard that the connection is over
  };
  void attach(End end, Ears ears) { ends_[index(end)].ears = std::move(ears); }
  void send(End from, std::any message);
  /// This end is gone. What it had sent may arrive still, unless the connection stands still.
  void close(End by);

  /// Breaks in the middle: what is on its way is lost.
  void cut();
  /// Nothing arrives any more, and the caller never hears that; the listener does after a while, as by
  /// heartbeats.
  void fall_silent();
  /// Nothing arrives from this end for so long; nothing is lost.
  void stall(End from, Milliseconds duration);
  /// Whether it stands still, or has done so at this moment or later.
  [[nodiscard]] bool stalled_since(MonoTime moment) const;
  [[nodiscard]] bool stands() const { return ends_[0].open && ends_[1].open; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct State {
    bool open = true;         ///< what it sends gets through
    MonoTime last_arrival{};  ///< of what it has sent
    MonoTime stalled_until{};
    Ears ears = {};
  };
  static std::size_t index(End end) { return end == End::kCaller ? 0 : 1; }
  static End other(End end) { return end == End::kCaller ? End::kListener : End::kCaller; }
  void let_hear(End end, MonoTime not_before);

  World& world_;
  std::string name_;
  std::array<State, 2> ends_;
};

/// Longer than this no connection stands still: whoever waits for it has given it up by then
/// (bus::ConnectSettings::answer_deadline). What is sent arrives within it or never.
inline constexpr Milliseconds kLongestStall{2'000};

using ConnectionPtr = std::shared_ptr<Connection>;

/// Who can be connected to, and all connections there are.
class Network {
 public:
  using Accept = std::function<void(const ConnectionPtr&)>;
  explicit Network(World& world) : world_(world) {}

  /// Guarded by the life of whoever listens; who listened at the address before does not any more.
  void listen(const std::string& address, Accept accept) { listeners_[address] = std::move(accept); }
  void stop_listening(const std::string& address) { listeners_.erase(address); }
  /// Calls one of the two, or none: who calls into the void hears nothing.
  void connect(const std::string& address, std::function<void(ConnectionPtr)> opened,
               std::function<void()> failed);

  /// One of the connections that stand breaks, or falls silent for good, or stands still for a while.
  void cut_one();
  void silence_one();
  void stall_one();
  /// Nobody gets through to this address for so long, new connections included.
  void isolate(const std::string& address, Milliseconds duration);

 private:
  [[nodiscard]] std::vector<ConnectionPtr> standing();

  World& world_;
  std::map<std::string, Accept> listeners_;
  std::map<std::string, MonoTime> isolated_until_;
  std::vector<std::weak_ptr<Connection>> connections_;
};

}  // namespace rostrum::simulation
