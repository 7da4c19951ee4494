// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace rostrum::gateway {

/// How a command ended.
enum class Ending {
  kDone,     ///< the server confirmed it
  kFailed,   ///< it cannot be done
  kRetry,    ///< it was not started
  kUnknown,  ///< bytes have left and the confirmation did not come
};

/// The end of a command: `condition` says why it is not done, `text` says it to people.
struct Outcome {
  Ending ending;
  std::string condition;
  std::string text;
};

inline Outcome done() {
  return {Ending::kDone, {}, {}};
}
inline Outcome failed(std::string condition, std::string text) {
  return {Ending::kFailed, std::move(condition), std::move(text)};
}
inline Outcome retry(std::string condition) {
  return {Ending::kRetry, std::move(condition), {}};
}
inline Outcome unknown(std::string condition) {
  return {Ending::kUnknown, std::move(condition), {}};
}

}  // namespace rostrum::gateway
