// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <pqxx/field>

#include "common/base/clock.hpp"
#include "common/pg/array.hpp"

namespace rostrum::presence {

// Moments cross to SQL and back as milliseconds since 1970, which is all that is kept of them. In statements:
// to_timestamp(ms / 1000::float8), and (date_part('epoch', moment) * 1000)::bigint. Both are exact.

inline std::int64_t to_ms(WallTime moment) {
  return moment.time_since_epoch().count();
}
inline std::optional<std::int64_t> to_ms(const std::optional<WallTime>& moment) {
  return moment ? std::optional(to_ms(*moment)) : std::nullopt;
}
inline WallTime moment_of(const pqxx::field& field) {
  return WallTime(Milliseconds(field.as<std::int64_t>()));
}
inline std::optional<WallTime> maybe_moment_of(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional(moment_of(field));
}

}  // namespace rostrum::presence
