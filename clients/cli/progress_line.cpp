// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/progress_line.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <sstream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "clients/cli/width.hpp"

namespace rostrum::cli {

namespace {

constexpr std::size_t kBarColumns = 20;

/// A line that wraps could not be written over.
std::size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - 1U : 79U;
}

}  // namespace

std::string progress_bar(std::size_t done, std::size_t total) {
  done = std::min(done, total);
  const std::size_t full = total == 0 ? kBarColumns : done * kBarColumns / total;
  std::ostringstream bar;
  bar << '[' << std::string(full, '#') << std::string(kBarColumns - full, '-') << "] " << std::setw(3)
      << (total == 0 ? 100 : done * 100 / total) << '%';
  return bar.str();
}

ProgressLine::ProgressLine(std::ostream& err) : err_(err), on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(const std::string& text) {
  if (!on_terminal_) return;
  err_ << "\r\x1b[K" << cut(text, terminal_columns()) << std::flush;
  shown_ = true;
}

void ProgressLine::end() {
  if (shown_) err_ << '\n';
  shown_ = false;
}

void ProgressLine::clear() {
  if (shown_) err_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace rostrum::cli
