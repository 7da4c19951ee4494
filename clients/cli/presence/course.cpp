// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/presence/course.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace rostrum::cli {

namespace {

std::string text(const Json& value) {
  return value.is_null() ? std::string() : value.get<std::string>();
}

/// Where two things have one moment: the view is lost first, for what is unseen ended then at the latest.
int rank(const Json& entry) {
  const auto& kind = entry.at("kind");
  return kind == "view_lost" ? 0 : kind == "view_whole" ? 1 : 2;
}

bool is_before(const Json& one, const Json& other) {
  const auto one_at = text(one.at("at"));
  const auto other_at = text(other.at("at"));
  return one_at != other_at ? one_at < other_at : rank(one) < rank(other);
}

/// A loss before `from` belongs to the course only if the view was still lost then.
bool matters(const Json& coverage, const Json* next, const std::string& from) {
  const auto lost_at = text(coverage.at("ended_at"));
  if (lost_at.empty()) return false;
  return lost_at >= from || next == nullptr || text(next->at("began_at")) > from;
}

}  // namespace

Json course_of(const Json& changes, const Json& coverages, const std::string& from) {
  std::vector<Json> entries;
  for (std::size_t i = 0; i < coverages.size(); ++i) {
    const auto& coverage = coverages[i];
    const auto* next = i + 1 < coverages.size() ? &coverages[i + 1] : nullptr;
    if (text(coverage.at("began_at")) >= from)
      entries.push_back({{"kind", "view_whole"},
                         {"at", coverage.at("began_at")},
                         {"lost_at", coverage.at("lost_at")},
                         {"lost_seconds", coverage.at("lost_seconds")}});
    if (matters(coverage, next, from))
      entries.push_back(
          {{"kind", "view_lost"}, {"at", coverage.at("ended_at")}, {"reason", coverage.at("reason")}});
  }
  for (const auto& change : changes) {
    Json entry{{"kind", "change"}};
    entry.update(change);
    entries.push_back(std::move(entry));
  }
  std::stable_sort(entries.begin(), entries.end(), is_before);
  return entries;
}

}  // namespace rostrum::cli
