// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/random.hpp"
#include "common/bus/resolver.hpp"
#include "common/bus/whereabouts.hpp"

namespace rostrum::bus {

/// The addresses that endpoints stand for, looked up without holding up the reactor. Those of an endpoint
/// that is no name ("tcp://127.0.0.1:5571") are known from the start.
class AddressBook {
 public:
  struct Handlers {
    std::function<void()> on_found;  ///< one name's addresses came, the same as before or others
    std::function<void(const std::string& endpoint, const std::string& why)> on_not_found;
    std::function<void()> on_looked = [] {};  ///< after those: each name has had its answer
  };
  AddressBook(Reactor& reactor, Random& random, std::vector<std::string> endpoints, LookUp look_up,
              Handlers handlers);

  /// Asks for every name again that is not being asked for. Never calls back from within.
  void look();
  [[nodiscard]] std::vector<std::string> addresses() const { return whereabouts_.addresses(); }
  [[nodiscard]] bool has_names() const { return !names_.empty(); }

 private:
  struct Name {
    HostAndPort where;
    std::unique_ptr<Resolver> question;  ///< while it is being asked
  };
  void answered(std::size_t endpoint, const Resolution& resolution);

  Reactor& reactor_;
  std::vector<std::string> endpoints_;
  LookUp look_up_;
  Handlers handlers_;
  Whereabouts whereabouts_;
  std::map<std::size_t, Name> names_;  ///< by the endpoint's place in endpoints_
};

}  // namespace rostrum::bus
