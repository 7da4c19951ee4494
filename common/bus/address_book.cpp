// SPDX-License-Identifier: Apache-2.0
#include "common/bus/address_book.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace rostrum::bus {

namespace {

constexpr std::string_view kScheme = "tcp://";

/// What there is to look up in it; nothing: an address, or no endpoint of ours.
std::optional<HostAndPort> name_in(const std::string& endpoint) {
  if (!endpoint.starts_with(kScheme)) return std::nullopt;
  auto where = HostAndPort::parse(endpoint.substr(kScheme.size()));
  if (where && where->is_number()) return std::nullopt;
  return where;
}

/// The IPv4 addresses of a name that has any, for whoever has both is one peer and not two; else those of
/// IPv6.
std::vector<std::string> endpoints_of(const Resolution& resolution, const std::string& port) {
  std::vector<std::string> of_ipv4;
  std::vector<std::string> of_ipv6;
  for (const auto& address : resolution.addresses) {
    if (address.storage.ss_family == AF_INET)
      of_ipv4.push_back(std::string(kScheme) + address.host() + ":" + port);
    else
      of_ipv6.push_back(std::string(kScheme) + "[" + address.host() + "]:" + port);
  }
  return of_ipv4.empty() ? of_ipv6 : of_ipv4;
}

}  // namespace

AddressBook::AddressBook(Reactor& reactor, Random& random, std::vector<std::string> endpoints, LookUp look_up,
                         Handlers handlers)
    : reactor_(reactor),
      endpoints_(std::move(endpoints)),
      look_up_(std::move(look_up)),
      handlers_(std::move(handlers)),
      whereabouts_(endpoints_.size(), random.below(std::numeric_limits<std::uint64_t>::max())) {
  for (std::size_t index = 0; index < endpoints_.size(); ++index) {
    if (auto where = name_in(endpoints_[index]))
      names_.emplace(index, Name{std::move(*where), nullptr});
    else
      whereabouts_.found(index, {endpoints_[index]});
  }
}

void AddressBook::look() {
  for (auto& [index, name] : names_) {
    if (name.question) continue;
    name.question = std::make_unique<Resolver>(
        reactor_, name.where,
        [this, endpoint = index](const Resolution& resolution) { answered(endpoint, resolution); }, look_up_);
  }
}

void AddressBook::answered(std::size_t endpoint, const Resolution& resolution) {
  auto& name = names_.at(endpoint);
  const auto done = std::move(name.question);  // called from within it
  const bool last = std::none_of(names_.begin(), names_.end(),
                                 [](const auto& one) { return one.second.question != nullptr; });
  if (resolution.addresses.empty()) {
    handlers_.on_not_found(endpoints_[endpoint], resolution.trouble);
  } else {
    whereabouts_.found(endpoint, endpoints_of(resolution, name.where.port));
    handlers_.on_found();
  }
  if (last) handlers_.on_looked();
}

}  // namespace rostrum::bus
