// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "rostrum/event.hpp"

namespace rostrum::fault {

/// What a site says, event by event: first a group `readers` and those who read, then newcomers who come, get
/// new passwords and go, readers who get new names, and notices to some readers or to all of them. The same
/// number is the same event, whichever process says it.
class Plan {
 public:
  Plan(std::string domain, std::size_t readers) : domain_(std::move(domain)), readers_(readers) {}

  /// How many events it takes until the readers are stated.
  [[nodiscard]] std::size_t opening() const { return 1 + readers_; }

  /// The event of this number; `about` gets `kind` and what the ledger compares with.
  [[nodiscard]] Event event(std::size_t number, nlohmann::json& about) const;

 private:
  [[nodiscard]] Event reader(std::size_t which, std::size_t number, nlohmann::json& about) const;
  [[nodiscard]] Event newcomer(std::size_t which, nlohmann::json& about) const;
  [[nodiscard]] Event notice(std::size_t number, nlohmann::json& about) const;

  std::string domain_;
  std::size_t readers_;
};

}  // namespace rostrum::fault
