// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clients/cli/session.hpp"
#include "common/base/secret.hpp"

namespace rostrum::cli {

/// A password from a file, or from standard input for "-": its first line. Passwords never stand on a command
/// line, where every user of the machine could read them.
[[nodiscard]] Secret read_password(Session& session, const std::string& file);

/// The words themselves, or all of standard input for "-", without the newlines at its end.
[[nodiscard]] std::string read_text(Session& session, const std::string& argument);

}  // namespace rostrum::cli
