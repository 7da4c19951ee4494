// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>

namespace rostrum::cli {

/// While it lives, Ctrl-C and SIGTERM ask the command to come to a good end, instead of ending it; a second
/// one ends it at once. One at a time, in the main thread.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  [[nodiscard]] bool asked() const;
  /// Waits so long, or until it is asked.
  void pause(std::chrono::milliseconds time) const;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
  sigset_t unblocked_{};
};

}  // namespace rostrum::cli
