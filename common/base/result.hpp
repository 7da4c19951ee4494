// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

namespace rostrum {

/// Ends the process: something that must never be has happened. Kept on in release builds.
[[noreturn]] inline void fail_invariant(const char* what, const char* file, int line) {
  (void)std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, what);
  std::abort();
}

/// States what must hold. Unlike assert() it also holds in release builds.
#define ROSTRUM_INVARIANT(condition)                   \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::rostrum::fail_invariant(#condition, __FILE__, __LINE__))

/// Either a value or the reason why there is none; for what may happen in a working world.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {
  }  // NOLINT: implicit, so that functions can `return value;`
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: likewise for errors

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// The value; only when ok().
  [[nodiscard]] const T& value() const& {
    ROSTRUM_INVARIANT(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    ROSTRUM_INVARIANT(ok());
    return std::move(*std::get_if<0>(&state_));
  }

  /// The reason; only when not ok().
  [[nodiscard]] const E& error() const {
    ROSTRUM_INVARIANT(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, E> state_;
};

}  // namespace rostrum
