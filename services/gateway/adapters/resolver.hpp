// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "common/bus/reactor.hpp"

namespace rostrum::gateway {

/// An address to connect to.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

/// "host:port", "[::1]:port"; nothing when it is not of this form.
struct HostAndPort {
  std::string host;
  std::string port;
  [[nodiscard]] static std::optional<HostAndPort> parse(const std::string& text);
};

/// Looks a name up without ever holding up the reactor: getaddrinfo(3) may take half a minute and runs in a
/// thread of its own, numbers are read at once. Destroying it forgets the question; the answer comes from the
/// reactor, never from within the constructor. Empty: there is no such name.
class Resolver {
 public:
  using OnAddresses = std::function<void(std::vector<SocketAddress>)>;
  Resolver(bus::Reactor& reactor, const HostAndPort& where, OnAddresses on_addresses);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

 private:
  struct Question;
  std::shared_ptr<Question> question_;
};

}  // namespace rostrum::gateway
