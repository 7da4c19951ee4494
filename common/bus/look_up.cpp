// SPDX-License-Identifier: Apache-2.0
#include "common/bus/look_up.hpp"

#include <array>
#include <cstring>

#include <netdb.h>

namespace rostrum::bus {

namespace {

Resolution ask(const HostAndPort& where, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &list);
  if (error != 0) return {{}, gai_strerror(error)};
  Resolution found;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.length = one->ai_addrlen;
    found.addresses.push_back(address);
  }
  freeaddrinfo(list);
  return found;
}

}  // namespace

std::string SocketAddress::host() const {
  std::array<char, NI_MAXHOST> text{};
  const int error = getnameinfo(reinterpret_cast<const sockaddr*>(&storage), length, text.data(), text.size(),
                                nullptr, 0, NI_NUMERICHOST);
  return error == 0 ? std::string(text.data()) : std::string();
}

std::optional<HostAndPort> HostAndPort::parse(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  HostAndPort result{text.substr(0, colon), text.substr(colon + 1)};
  if (result.host.front() == '[' && result.host.back() == ']')
    result.host = result.host.substr(1, result.host.size() - 2);
  const bool is_number = !result.port.empty() && result.port.size() <= 5 &&
                         result.port.find_first_not_of("0123456789") == std::string::npos;
  if (result.host.empty() || !is_number || std::stoul(result.port) == 0 || std::stoul(result.port) > 65535)
    return std::nullopt;
  return result;
}

bool HostAndPort::is_number() const {
  return !read_number(*this).addresses.empty();
}

Resolution look_up(const HostAndPort& where) {
  return ask(where, AI_ADDRCONFIG | AI_NUMERICSERV);
}

Resolution read_number(const HostAndPort& where) {
  return ask(where, AI_NUMERICHOST | AI_NUMERICSERV);
}

}  // namespace rostrum::bus
