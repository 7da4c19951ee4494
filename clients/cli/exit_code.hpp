// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

namespace rostrum::cli {

/// What a script can tell from the exit code; every command's --help lists these.
enum class ExitCode {
  kOk = 0,
  kFailed = 1,       ///< it did not work, or there is no such thing
  kUsage = 2,        ///< wrong command line or configuration
  kRejected = 3,     ///< refused for good, by the service or as it would be
  kUnreachable = 4,  ///< not now: nobody answered in time, or there was no room
  kFoundBad = 5,     ///< `check` found something to mend
};

inline constexpr const char* kExitCodesHelp =
    "Exit codes:\n"
    "  0  done\n"
    "  1  failed, or there is no such thing\n"
    "  2  wrong command line or configuration\n"
    "  3  rejected; it will not be taken as it stands\n"
    "  4  not now: unreachable, too slow or full; try again\n"
    "  5  check found something to mend\n";

/// Ends a command: the exit code, and for people what was wrong, where, and what to do. The only exception of
/// the commands.
struct Failure {
  ExitCode code;
  std::string text;
};

}  // namespace rostrum::cli
