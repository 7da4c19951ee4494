// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/resolver.hpp"

#include <cstring>
#include <mutex>
#include <thread>

#include <netdb.h>

namespace rostrum::gateway {
namespace {

std::vector<SocketAddress> look_up(const HostAndPort& where, int flags, bool& found) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  found = getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &list) == 0;
  std::vector<SocketAddress> addresses;
  if (!found) return addresses;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.length = one->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(list);
  return addresses;
}

}  // namespace

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

/// Shared with the thread, which may outlive the one who asked.
struct Resolver::Question {
  std::mutex mutex;
  bus::Reactor* reactor;  // null once nobody waits
  OnAddresses on_addresses;
};

Resolver::Resolver(bus::Reactor& reactor, const HostAndPort& where, OnAddresses on_addresses)
    : question_(std::make_shared<Question>()) {
  question_->reactor = &reactor;
  question_->on_addresses = std::move(on_addresses);
  auto answer = [question = question_](std::vector<SocketAddress> addresses) {
    const std::lock_guard lock(question->mutex);
    if (question->reactor == nullptr) return;
    question->reactor->post([waiting = std::weak_ptr(question), found = std::move(addresses)] {
      // Asked on the reactor's thread, where Resolvers live and die.
      if (const auto still = waiting.lock(); still && still->reactor != nullptr) still->on_addresses(found);
    });
  };
  bool is_number = false;
  auto addresses = look_up(where, AI_NUMERICHOST | AI_NUMERICSERV, is_number);
  if (is_number) {
    answer(std::move(addresses));
    return;
  }
  std::thread([where, answer] {
    bool found = false;
    answer(look_up(where, AI_ADDRCONFIG | AI_NUMERICSERV, found));
  }).detach();
}

Resolver::~Resolver() {
  const std::lock_guard lock(question_->mutex);
  question_->reactor = nullptr;
}

}  // namespace rostrum::gateway
