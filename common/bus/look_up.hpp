// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace rostrum::bus {

/// An address to connect to.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] std::string host() const;  ///< as a number: "127.0.0.1", "::1"
};

/// "host:port", "[::1]:port"; nothing when it is not of this form.
struct HostAndPort {
  std::string host;
  std::string port;
  [[nodiscard]] static std::optional<HostAndPort> parse(const std::string& text);
  [[nodiscard]] bool is_number() const;  ///< an address already, not a name
};

/// What a look-up found, or why it found nothing, in words for people.
struct Resolution {
  std::vector<SocketAddress> addresses;
  std::string trouble;
};

/// Looks a name up; may take as long as it likes and is called on any thread.
using LookUp = std::function<Resolution(const HostAndPort&)>;
/// getaddrinfo(3): may take half a minute.
[[nodiscard]] Resolution look_up(const HostAndPort& where);
/// Numbers only, and at once.
[[nodiscard]] Resolution read_number(const HostAndPort& where);

}  // namespace rostrum::bus
