// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/process_metrics.hpp"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <prometheus/metric_family.h>
#include <unistd.h>

namespace rostrum::metrics {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type, double value) {
  ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

double seconds(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// proc(5), /proc/self/statm: the second number is the resident pages.
double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// proc(5), /proc/self/stat: field 22 is the start in ticks since boot. Fields are counted from the last ')',
/// for the name before may hold anything.
double start_time_seconds() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  constexpr int kFieldsAfterName = 20;  // 3 to 22
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string field;
  for (int i = 0; i < kFieldsAfterName; ++i) fields >> field;
  const double ticks = field.empty() ? 0 : std::strtod(field.c_str(), nullptr);
  const double age = seconds(CLOCK_BOOTTIME) - ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return seconds(CLOCK_REALTIME) - age;
}

double open_descriptors() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; entry != end;
       entry.increment(error))
    ++count;
  return count - 1;  // the one that reads the folder
}

MetricFamily build_info() {
  auto info =
      family("rostrum_build_info", "Always 1; the labels say which build this is.", MetricType::Gauge, 1);
  info.metric.front().label.push_back({"version", ROSTRUM_VERSION});
  return info;
}

}  // namespace

std::vector<MetricFamily> process_metrics() {
  static const double started =
      start_time_seconds();  // once: a jump of the wall clock does not move the past
  return {
      family("process_resident_memory_bytes", "Resident memory size in bytes.", MetricType::Gauge,
             resident_bytes()),
      family("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
             MetricType::Counter, seconds(CLOCK_PROCESS_CPUTIME_ID)),
      family("process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
             MetricType::Gauge, started),
      family("process_open_fds", "Number of open file descriptors.", MetricType::Gauge, open_descriptors()),
      build_info(),
  };
}

}  // namespace rostrum::metrics
