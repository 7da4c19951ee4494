// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace rostrum::pg {

/// What a failed transaction calls for.
enum class Remedy {
  kReconnect,   ///< the connection is gone, or the server is going or coming: connect anew, then again
  kAgainNow,    ///< the server chose it as the victim (deadlock, serialization): again, after a moment
  kAgainLater,  ///< something of the whole database that only the operator or time can mend (disk full,
                ///< read-only, no such table or partition, no right): again, with back-off, for as long as it
                ///< takes
  kAFewTimes,   ///< the database's fault, or that of this one piece of work: nobody can tell from a single
                ///< failure (a time-out, damage): again a few times, then whoever asked decides
  kGiveUp,      ///< the data cannot be stored: again would fail the same way
};

/// Whose fault it is that something was not done in the end.
enum class Fault {
  kData,    ///< what was to be stored: again would fail the same way
  kDamage,  ///< where it touched, the database is broken (class XX, a block that cannot be read)
  kLoad,    ///< it got no time, lock or memory, several times over: in smaller parts, or later, it may
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
/// By SQLSTATE, once it is not tried again.
[[nodiscard]] Fault fault_of(std::string_view sqlstate);

/// Whether a row had no place among the partitions of its table: class 23, and no fault of the row.
/// PostgreSQL has no SQLSTATE of its own for it; where the server speaks another language it cannot be told.
[[nodiscard]] bool is_missing_partition(std::string_view sqlstate, std::string_view message);

/// Into how many parts to split what failed so. A time-out costs its time at each step of the search.
[[nodiscard]] constexpr std::size_t ways_to_split(Fault fault) {
  return fault == Fault::kLoad ? 16 : 2;
}

/// Reads an exception of libpqxx. Anything that is not the database's doing is thrown on.
[[nodiscard]] Failure read_failure(const std::exception_ptr& exception);

}  // namespace rostrum::pg
