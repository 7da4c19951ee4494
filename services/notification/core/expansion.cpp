// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/core/expansion.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace rostrum::notification {

namespace {

constexpr std::size_t kLeastPageRows = 50;

}  // namespace

std::vector<Expanding> by_turns(std::vector<Expanding> notices) {
  std::sort(notices.begin(), notices.end(),
            [](const Expanding& a, const Expanding& b) { return a.id < b.id; });
  std::map<std::pair<Kind, std::string>, std::size_t> seen;
  std::vector<std::pair<std::size_t, Expanding>> numbered;  // the how manieth of its source in its lane
  numbered.reserve(notices.size());
  for (auto& notice : notices) {
    const auto number = seen[{notice.kind, notice.source}]++;
    numbered.emplace_back(number, std::move(notice));
  }
  std::stable_sort(numbered.begin(), numbered.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second.kind, a.first) < std::tie(b.second.kind, b.first);
  });
  std::vector<Expanding> ordered;
  ordered.reserve(numbered.size());
  for (auto& [number, notice] : numbered) ordered.push_back(std::move(notice));
  return ordered;
}

std::size_t page_rows(std::size_t rows, std::size_t notices) {
  return std::max(kLeastPageRows, rows / std::max<std::size_t>(notices, 1));
}

Page next_page(const Expanding& notice, std::size_t limit) {
  const auto& ids = notice.audience.ids;
  Page page{notice.audience.kind, ids, notice.cursor, limit};
  if (page.kind == AudienceKind::kMembers) {
    const auto first = std::upper_bound(ids.begin(), ids.end(), notice.cursor);
    const auto left = static_cast<std::size_t>(ids.end() - first);
    page.ids.assign(first, first + static_cast<std::ptrdiff_t>(std::min(limit, left)));
  }
  return page;
}

Expanded after_page(const Expanding& notice, const Page& page, std::size_t made, const std::string& last) {
  if (page.kind == AudienceKind::kMembers) {
    const bool complete = page.ids.empty() || page.ids.back() == notice.audience.ids.back();
    return {page.ids.empty() ? notice.cursor : page.ids.back(), complete};
  }
  return {made == 0 ? notice.cursor : last, made < page.limit};
}

}  // namespace rostrum::notification
