// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/bus/link.hpp"
#include "common/bus/peer_table.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// The binding side's socket, for all links: messages in, frames out, the beat of the signs of life, and how
/// many may be connected.
class Router {
 public:
  struct Handlers {
    std::function<void(const IncomingMessage&)> on_message;
    std::function<bool()> has_room;  ///< whether on_message may be called
    std::function<void()> on_beat;   ///< each kSignOfLife
    std::function<void(const LinkEvent&)> on_link;
  };
  /// Throws std::runtime_error when it cannot listen there.
  Router(Reactor& reactor, const BindSettings& settings, Handlers handlers);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Sends and tells. Gives the routes that are gone, or that are so slow that they are better dropped.
  [[nodiscard]] std::vector<std::string> perform(const PeerEffects& effects);
  /// To be called when there may be room again.
  void resume();
  [[nodiscard]] std::string endpoint() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Carries out what a binding side's core decided, until nothing more follows from peers that turn out to be
/// gone.
template <class Core>
void perform_all(Router& router, Core& core, const PeerEffects& effects) {
  for (const auto& route : router.perform(effects)) perform_all(router, core, core.drop(route).peers);
}

}  // namespace rostrum::bus
