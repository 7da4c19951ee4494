// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "clients/cli/import/row.hpp"

namespace rostrum::cli::importing {

/// What is wrong with a row in itself, by the rules of registration's intake; nothing when it is good. Never
/// shows a value.
[[nodiscard]] std::optional<std::string> check_row(const Row& row);

/// Finds what is there twice: a member, or a JID.
class Uniqueness {
 public:
  [[nodiscard]] std::optional<std::string> check(const Row& row, std::size_t line);

 private:
  std::unordered_map<std::string, std::size_t> line_of_member_;
  std::unordered_map<std::string, std::size_t> line_of_jid_;
};

}  // namespace rostrum::cli::importing
