// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/progress.hpp"

#include <ostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "clients/cli/progress_line.hpp"
#include "clients/cli/views.hpp"

namespace rostrum::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause(250);
constexpr std::chrono::seconds kReceiptPatience(
    2);  // without a new receipt; clients that are online answer at once

constexpr const char* kNotice =
    "SELECT row_to_json(n) FROM (SELECT notice_id, source, kind, state, audience, audience_ids, title, "
    "published_at, expires_at, done_at, "
    "total, queued, sent, delivered, failed, expired, suppressed, reason FROM notification.notices WHERE "
    "notice_id = "
    "$1::uuid) AS n";

std::int64_t count(const Json& notice, const char* key) {
  return notice.value(key, std::int64_t{0});
}

/// Of what has come to an end, or at least to the server.
std::string bar_of(const Json& notice) {
  const auto total = count(notice, "total");
  return progress_bar(static_cast<std::size_t>(total - count(notice, "queued")),
                      static_cast<std::size_t>(total));
}

Json read(const Views& views, const std::string& notice_id) {
  Json rows = views.select(kNotice, {notice_id});
  return rows.empty() ? Json() : std::move(rows.front());
}

}  // namespace

std::string progress_line(const Json& notice) {
  const auto delivered = count(notice, "delivered");
  std::string line = std::to_string(count(notice, "sent") + delivered) + " of " +
                     std::to_string(count(notice, "total")) + " sent, " + std::to_string(delivered) +
                     " delivered";
  for (const auto* end : {"failed", "expired", "suppressed"}) {
    if (count(notice, end) > 0) line += ", " + std::to_string(count(notice, end)) + " " + end;
  }
  return notice.value("state", "") == "expanding" ? line + " (still gathering the audience)" : line;
}

Json read_notice(Session& session, const std::string& notice_id) {
  return read(Views(session), notice_id);
}

Json wait_until_done(Session& session, const std::string& notice_id, std::chrono::seconds time) {
  const Views views(session);
  const auto deadline = Clock::now() + time;
  auto last_receipt = Clock::now();
  std::int64_t delivered = 0;
  ProgressLine line(session.err);
  std::string progress = "nothing is known of it";
  while (Clock::now() < deadline) {
    Json notice = read(views, notice_id);
    if (!notice.is_null()) {
      progress = progress_line(notice);
      line.show(bar_of(notice) + "  " + progress);
      const bool done = notice.value("state", "") == "done";
      if (!done || count(notice, "delivered") != delivered) last_receipt = Clock::now();
      delivered = count(notice, "delivered");
      if (done && (count(notice, "sent") == 0 || Clock::now() - last_receipt > kReceiptPatience))
        return notice;
    }
    std::this_thread::sleep_for(kPause);
  }
  throw Failure{ExitCode::kFailed, "notice " + notice_id + " is not done yet: " + progress +
                                       "; it goes on: `rostrum notice show " + notice_id +
                                       "`. Who has no account yet waits for one until the notice expires"};
}

}  // namespace rostrum::cli
