// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/health.hpp"

#include "common/base/text.hpp"

namespace rostrum::metrics {

namespace {

constexpr std::chrono::seconds kLongestSilence{10};
constexpr std::size_t kMaxReasonBytes = 500;

}  // namespace

void Health::Part::good(const std::string& note) {
  const std::lock_guard lock(mutex_);
  why_.clear();
  note_ = printable(note, kMaxReasonBytes);
}

void Health::Part::bad(const std::string& why) {
  const std::lock_guard lock(mutex_);
  why_ = why.empty() ? "not good" : printable(why, kMaxReasonBytes);
}

const Clock& Health::system_clock() {
  static const SystemClock clock;
  return clock;
}

Health::Health(const Clock& clock) : clock_(clock), last_beat_(clock.mono()) {}

Health::Part& Health::part(std::string name) {
  const std::lock_guard lock(mutex_);
  parts_.push_back(std::make_unique<Part>(std::move(name)));
  return *parts_.back();
}

void Health::beat() {
  const std::lock_guard lock(mutex_);
  last_beat_ = clock_.mono();
}

Health::Report Health::ready() const {
  const std::lock_guard lock(mutex_);
  Report report{true, {}};
  for (const auto& part : parts_) {
    const std::lock_guard part_lock(part->mutex_);
    const bool good = part->why_.empty();
    report.good = report.good && good;
    const auto note = part->note_.empty() ? std::string() : " (" + part->note_ + ")";
    report.text += part->name_ + ": " + (good ? "good" + note : part->why_) + "\n";
  }
  return report;
}

Health::Report Health::live() const {
  const std::lock_guard lock(mutex_);
  const auto silence = std::chrono::duration_cast<std::chrono::seconds>(clock_.mono() - last_beat_);
  if (clock_.mono() - last_beat_ <= kLongestSilence) return {true, "reactor: good\n"};
  return {false, "reactor: has not turned for " + std::to_string(silence.count()) + " seconds\n"};
}

}  // namespace rostrum::metrics
