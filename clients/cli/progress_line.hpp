// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

namespace rostrum::cli {

/// "[########------------]  40%", 27 columns; full when there is nothing to do.
[[nodiscard]] std::string progress_bar(std::size_t done, std::size_t total);

/// One line that is written again and again on a terminal's standard error; silent elsewhere.
class ProgressLine {
 public:
  explicit ProgressLine(std::ostream& err);
  ~ProgressLine() { end(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Shows a text in the place of the one before, cut to what the terminal is wide.
  void show(const std::string& text);
  /// Leaves the last text standing; what is shown afterwards begins a new line.
  void end();
  /// Takes the last text away.
  void clear();

 private:
  std::ostream& err_;
  const bool on_terminal_;
  bool shown_ = false;
};

}  // namespace rostrum::cli
