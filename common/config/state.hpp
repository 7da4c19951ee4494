// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/config.hpp"
#include "common/config/document.hpp"

namespace rostrum::config {

/// A place that a mistake can point to. What has no line of its own sorts behind all that has.
struct Place {
  static constexpr std::size_t kNoLine = std::numeric_limits<std::size_t>::max();
  std::size_t line = kNoLine;
  std::string shown;
};

/// What the file and the environment say, and what was asked of them so far.
struct State {
  struct LocatedMistake {
    std::size_t line;
    Mistake mistake;
  };

  /// The value of an option where it was written.
  struct Found {
    const Value* in_file = nullptr;
    const std::string* in_environment = nullptr;  // wins
  };

  bool is_reference = false;
  bool is_readable = true;  // else every required option would be missing as well
  std::string path;
  Document document;
  Config::Environment environment;
  std::set<std::string, std::less<>> sections;
  std::set<std::string, std::less<>> ignored;
  std::vector<OptionDoc> options;
  std::vector<LocatedMistake> mistakes;

  /// Reads the file at `path`; what is wrong with it as a whole is the one mistake then.
  void read();
  [[nodiscard]] Found find(std::string_view section, std::string_view key) const;
  [[nodiscard]] Place place_of(std::string_view section, std::string_view key) const;
  [[nodiscard]] Place line_of_file(std::size_t line) const;
  void remember(OptionDoc option);
  /// Tables, keys and variables that nobody asked for.
  [[nodiscard]] std::vector<LocatedMistake> unknown() const;
  void add(Place place, std::string what) {
    mistakes.push_back({place.line, {std::move(place.shown), std::move(what)}});
  }
};

/// `ROSTRUM_GATEWAY_SENDER_LISTEN` for section `gateway.sender`, key `listen`.
[[nodiscard]] std::string variable_name(std::string_view section, std::string_view key);

/// Words of mistakes: `[gateway] listen`.
[[nodiscard]] std::string option_name(std::string_view section, std::string_view key);

}  // namespace rostrum::config
