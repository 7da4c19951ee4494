// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace rostrum::pg {

/// What a failed transaction calls for.
enum class Remedy {
  kReconnect,   ///< the connection is gone, or the server is going or coming: connect anew, then again
  kAgainNow,    ///< the server chose it as the victim (deadlock, serialization): again, after a moment
  kAgainLater,  ///< something only the operator or time can mend (disk full, no such table, no right,
                ///< time-out): again, with back-off
  kGiveUp,      ///< the data cannot be stored: again would fail the same way
};

/// How a transaction failed.
struct Failure {
  Remedy remedy;
  std::string sqlstate;    ///< empty where there is none
  std::string constraint;  ///< its name, if one was violated
  std::string text;        ///< one line, without row values
};

/// By SQLSTATE. Only errors that the data themselves cause are given up: classes 21, 22, 23, 44, 54 and P0. A
/// wrong deployment (class 42) must not make a site's events be refused.
[[nodiscard]] Remedy remedy_of(std::string_view sqlstate);

/// Reads an exception of libpqxx. Anything that is not the database's doing is thrown on.
[[nodiscard]] Failure read_failure(const std::exception_ptr& exception);

}  // namespace rostrum::pg
