// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/check/addresses.hpp"

#include <utility>

#include "common/bus/address_book.hpp"

namespace rostrum::cli::check {

namespace {

constexpr std::string_view kTcp = "tcp://";

}  // namespace

Instances instances_of(const std::string& endpoint, bus::LookUp look_up) {
  const auto end_of_scheme = endpoint.find("://");
  if (end_of_scheme == std::string::npos) return {{endpoint}, {}};
  const auto scheme = endpoint.substr(0, end_of_scheme + 3);
  Instances instances;
  SystemClock clock;
  SystemRandom random;
  bus::Reactor reactor(clock);
  bus::AddressBook book(
      reactor, random, {std::string(kTcp) + endpoint.substr(scheme.size())}, std::move(look_up),
      {.on_found = [] {},
       .on_not_found = [&](const std::string&, const std::string& why) { instances.trouble = why; },
       .on_looked = [&] { reactor.stop(); }});
  if (!book.has_names()) return {{endpoint}, {}};
  book.look();
  reactor.run();
  for (const auto& address : book.addresses()) instances.all.push_back(scheme + address.substr(kTcp.size()));
  return instances;
}

}  // namespace rostrum::cli::check
