// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rostrum::metrics {

/// Labels of one time series; few and bounded, never ids, JIDs or texts.
using Labels = std::map<std::string, std::string>;

/// Only grows. Usable from any thread.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double amount = 1) = 0;
};

/// Goes up and down. Usable from any thread.
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
};

/// Counts values in buckets. Usable from any thread.
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

/// The time series of one process. Asking for the same name and labels again gives the same object, which
/// lives as long as the registry. Names begin with `rostrum_`, counters end with `_total`, units are base
/// units and stand last (`_seconds`, `_bytes`).
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  /// `buckets`: upper bounds, ascending.
  Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets,
                       const Labels& labels = {});

  /// All of it in Prometheus' text format.
  [[nodiscard]] std::string exposition() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::metrics
