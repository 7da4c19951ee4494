// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/log/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "common/log/line.hpp"

namespace rostrum::log {

namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

/// spdlog filters by level and writes whole lines from any thread; the line itself is ours. A logger of our
/// own, outside spdlog's registry.
struct Log::Sink {
  Sink(std::string name, Format line_format, Level least)
      : service(std::move(name)),
        format(line_format),
        logger(service, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_level(to_spdlog(least));
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  }

  std::string service;
  Format format;
  SystemClock clock;
  spdlog::logger logger;
};

Log::Log(std::string service, Format format, Level least)
    : sink_(std::make_unique<Sink>(std::move(service), format, least)) {}

Log::~Log() = default;

void Log::write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  const auto severity = to_spdlog(level);
  if (!sink_->logger.should_log(severity)) return;
  const Line line{sink_->clock.wall(), level, sink_->service, event, {fields.begin(), fields.size()}};
  sink_->logger.log(severity, spdlog::string_view_t(written(line, sink_->format)));
}

}  // namespace rostrum::log
