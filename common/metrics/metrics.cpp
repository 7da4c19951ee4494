// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/metrics.hpp"

#include <algorithm>
#include <mutex>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "common/base/result.hpp"
#include "common/metrics/process_metrics.hpp"

namespace rostrum::metrics {

namespace {

class PrometheusCounter final : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& series) : series_(series) {}
  void add(double amount) override { series_.Increment(amount); }

 private:
  prometheus::Counter& series_;
};

class PrometheusGauge final : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& series) : series_(series) {}
  void set(double value) override { series_.Set(value); }

 private:
  prometheus::Gauge& series_;
};

class PrometheusHistogram final : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& series) : series_(series) {}
  void observe(double value) override { series_.Observe(value); }

 private:
  prometheus::Histogram& series_;
};

/// The series of one kind, by name and labels.
template <class Series>
using Known = std::map<std::pair<std::string, Labels>, std::unique_ptr<Series>>;

bool is_snake_case(const std::string& name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

struct Registry::State {
  /// One name means one thing: of one kind, with one help text.
  struct Meaning {
    std::string kind;
    std::string help;
    std::vector<double> buckets;
    bool operator==(const Meaning&) const = default;
  };

  void claim(const std::string& name, Meaning meaning) {
    ROSTRUM_INVARIANT(name.starts_with("rostrum_") && is_snake_case(name));
    ROSTRUM_INVARIANT(!meaning.help.empty());
    ROSTRUM_INVARIANT(name.ends_with("_total") == (meaning.kind == "counter"));
    const auto [known, is_new] = meanings.emplace(name, meaning);
    ROSTRUM_INVARIANT(is_new || known->second == meaning);
  }

  std::mutex mutex;
  prometheus::Registry registry;
  std::map<std::string, Meaning> meanings;
  Known<PrometheusCounter> counters;
  Known<PrometheusGauge> gauges;
  Known<PrometheusHistogram> histograms;
};

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;

Counter& Registry::counter(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(state_->mutex);
  state_->claim(name, {"counter", help, {}});
  auto& known = state_->counters[{name, labels}];
  if (!known) {
    known = std::make_unique<PrometheusCounter>(
        prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry).Add(labels));
  }
  return *known;
}

Gauge& Registry::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(state_->mutex);
  state_->claim(name, {"gauge", help, {}});
  auto& known = state_->gauges[{name, labels}];
  if (!known) {
    known = std::make_unique<PrometheusGauge>(
        prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry).Add(labels));
  }
  return *known;
}

Histogram& Registry::histogram(const std::string& name, const std::string& help,
                               const std::vector<double>& buckets, const Labels& labels) {
  const std::lock_guard lock(state_->mutex);
  ROSTRUM_INVARIANT(!buckets.empty() && std::adjacent_find(buckets.begin(), buckets.end(),
                                                           std::greater_equal<>{}) == buckets.end());
  state_->claim(name, {"histogram", help, buckets});
  auto& known = state_->histograms[{name, labels}];
  if (!known) {
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
    known = std::make_unique<PrometheusHistogram>(family.Add(labels, buckets));
  }
  return *known;
}

std::string Registry::exposition() const {
  auto families = process_metrics();
  auto ours = state_->registry.Collect();
  families.insert(families.end(), std::make_move_iterator(ours.begin()), std::make_move_iterator(ours.end()));
  std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace rostrum::metrics
