// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/outbox.hpp"

#include <algorithm>

namespace rostrum::gateway {

void Outbox::start_over(std::uint64_t stored) {
  kept_.clear();
  stored_ = stored;
  sent_ = 0;
}

bool Outbox::resume(std::uint64_t stored) {
  if (!confirm(stored)) return false;
  sent_ = 0;
  return true;
}

bool Outbox::confirm(std::uint64_t stored) {
  if (stored < stored_ || stored - stored_ > kept_.size()) return false;
  const auto count = static_cast<std::size_t>(stored - stored_);
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
  stored_ = stored;
  sent_ -= std::min(sent_, count);
  return true;
}

MonoTime Outbox::oldest() const {
  auto oldest = kUnknownMoment;
  for (const auto& one : kept_) {
    if (one.is_news) oldest = earlier(oldest, one.observation.happened);
  }
  return oldest;
}

Outbox::Page Outbox::next(std::size_t most, std::size_t bytes) {
  Page page{stored_ + sent_ + 1, {}};
  std::size_t used = 0;
  while (page.observations.size() < most && sent_ < kept_.size()) {
    const auto& one = kept_[sent_].observation;
    used += most_bytes(one, domain_bytes_);
    if (used > bytes && !page.observations.empty()) break;
    page.observations.push_back(&one);
    ++sent_;
  }
  return page;
}

}  // namespace rostrum::gateway
