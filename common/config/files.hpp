// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "common/base/result.hpp"
#include "common/base/secret.hpp"

namespace rostrum::config {

/// What is wrong with a file, for people: "/etc/x does not exist".
struct FileProblem {
  std::string what;
};

/// Whether this process can use a path as it needs to; nothing where it can.
[[nodiscard]] std::optional<FileProblem> file_problem(const std::string& path);
[[nodiscard]] std::optional<FileProblem> directory_problem(const std::string& path);

/// Others than its owner may write it, or read it; nothing where they may not, or there is no such file.
[[nodiscard]] std::optional<FileProblem> problem_if_others_may_write(const std::string& path);
[[nodiscard]] std::optional<FileProblem> problem_if_others_may_read(const std::string& path);

/// The whole of an ordinary file of at most max_bytes.
[[nodiscard]] Result<std::string, FileProblem> read_file(const std::string& path, std::size_t max_bytes);
/// The content of a file that nobody but its owner may open, without one newline at its end; not empty.
[[nodiscard]] Result<Secret, FileProblem> read_secret(const std::string& path);

}  // namespace rostrum::config
