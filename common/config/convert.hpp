// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/config/state.hpp"

namespace rostrum::config {

/// What is wrong with a value, for people.
struct Problem {
  std::string what;
};

template <class T>
using Converted = Result<T, Problem>;

// A value of the file has its kind already; one of the environment is a text that has to be read.
[[nodiscard]] Converted<std::string> to_text(const State::Found& found);
[[nodiscard]] Converted<std::int64_t> to_integer(const State::Found& found);
[[nodiscard]] Converted<bool> to_flag(const State::Found& found);
[[nodiscard]] Converted<std::vector<std::string>> to_texts(const State::Found& found);

/// A value as a mistake shows it: printable and short.
[[nodiscard]] std::string in_quotes(std::string_view value);
[[nodiscard]] std::string joined(const std::vector<std::string>& items);

}  // namespace rostrum::config
