// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/meter.hpp"

#include <algorithm>
#include <cctype>

namespace rostrum::intake {
namespace {

/// "REJECTION_CODE_JID_TAKEN" as the label value "jid_taken".
std::string label_of(int rejection_code) {
  constexpr std::string_view kPrefix = "REJECTION_CODE_";
  std::string name = v1::RejectionCode_IsValid(rejection_code)
                         ? v1::RejectionCode_Name(static_cast<v1::RejectionCode>(rejection_code))
                         : "";
  if (!name.starts_with(kPrefix)) return "rejected";
  name.erase(0, kPrefix.size());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

}  // namespace

Meter::Meter(const std::string& service, metrics::Registry& registry)
    : prefix_("rostrum_" + service),
      registry_(registry),
      batch_events_(registry.histogram(prefix_ + "_intake_batch_events",
                                       "Events committed by one transaction", {1, 4, 16, 64, 256, 1'024})),
      commit_seconds_(
          registry.histogram(prefix_ + "_intake_commit_seconds",
                             "From handing a batch to the database to its commit, repeats included",
                             {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5})),
      waiting_(registry.gauge(prefix_ + "_intake_waiting_events", "Events received and not yet answered")) {}

void Meter::event(std::string_view type, const Verdict& verdict) {
  switch (verdict.status) {
    case Verdict::Status::kAccepted:
      return count(type, "accepted");
    case Verdict::Status::kDuplicate:
      return count(type, "duplicate");
    case Verdict::Status::kRejected:
      return count(type, label_of(verdict.rejection->code));
  }
}

void Meter::envelope_rejected(std::string_view type, int rejection_code) {
  count(type.empty() ? "none" : type, label_of(rejection_code));
}

void Meter::committed(std::size_t events, MonoTime::duration took) {
  batch_events_.observe(static_cast<double>(events));
  commit_seconds_.observe(std::chrono::duration<double>(took).count());
}

void Meter::count(std::string_view type, const std::string& outcome) {
  registry_
      .counter(prefix_ + "_intake_events_total",
               "Events answered, by type and outcome: accepted, duplicate, or the rejection code",
               {{"type", std::string(type)}, {"outcome", outcome}})
      .add();
}

}  // namespace rostrum::intake
