// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "clients/cli/commands.hpp"

namespace rostrum::cli {

/// What one call of `rostrum` said and how it ended.
struct Called {
  int exit_code;
  std::string out;
  std::string err;
};

inline Called call(const std::vector<std::string>& words, const std::string& input = {},
                   const Session::Environment& environment = {}) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Session session(in, out, err, environment);
  std::vector<const char*> argv{"rostrum"};
  for (const auto& word : words) argv.push_back(word.c_str());
  const int exit_code = run(static_cast<int>(argv.size()), argv.data(), session);
  return {exit_code, out.str(), err.str()};
}

}  // namespace rostrum::cli
