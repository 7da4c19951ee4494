// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "common/bus/look_up.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// Looks a name up without ever holding up the reactor: that runs in a thread of its own, numbers are read at
/// once. Destroying it forgets the question; the answer comes from the reactor, never from within the
/// constructor.
class Resolver {
 public:
  using OnResolution = std::function<void(Resolution)>;
  Resolver(Reactor& reactor, const HostAndPort& where, OnResolution on_resolution, LookUp ask = look_up);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

 private:
  struct Question;
  std::shared_ptr<Question> question_;
};

}  // namespace rostrum::bus
