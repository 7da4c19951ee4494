// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace rostrum::test {

/// A program that runs beside the test and dies with it. Its standard error goes to a file.
class Child {
 public:
  Child(const std::vector<std::string>& command, const std::string& log_file);
  ~Child();  // kill -9 where it still runs
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void signal(int number) const;
  /// Whether it has ended; its exit code is then in exit_code() (128 + signal where one ended it).
  [[nodiscard]] bool ended();
  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  pid_t pid_;
  int exit_code_ = -1;
};

/// A port of 127.0.0.1 that nobody uses, outside of the range from which outgoing connections take theirs.
[[nodiscard]] int free_port();

}  // namespace rostrum::test
