// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/log/log.hpp"

namespace rostrum::log {

/// What one line says.
struct Line {
  WallTime time;
  Level level;
  std::string_view service;
  std::string_view event;
  std::span<const Field> fields;
};

/// The line in the given format, without the line break: one JSON object, or
/// `2026-11-22T15:40:01.123Z INFO gateway stream_opened domain=site.test attempt=1` (values quoted as in JSON
/// where needed).
[[nodiscard]] std::string written(const Line& line, Format format);

}  // namespace rostrum::log
