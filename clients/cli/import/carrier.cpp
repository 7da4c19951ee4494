// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/carrier.hpp"

#include <stdexcept>

#include "clients/cli/duration.hpp"
#include "clients/cli/progress_line.hpp"
#include "common/base/text.hpp"

namespace rostrum::cli::importing {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick(50);
constexpr std::size_t kTurn = 256;  // rows put in before outcomes are looked at again
constexpr milliseconds kKeepEvery(100);
constexpr milliseconds kLastOutcomes(2'000);  // after Ctrl-C
constexpr milliseconds kSilence(2'000);       // then it is said that it waits

Event event_of(const Row& row, std::uint64_t revision) {
  return member_upserted(row.member_id, {.jid = row.jid,
                                         .display_name = row.display_name,
                                         .groups = row.groups,
                                         .password = std::string(row.password.reveal())})
      .with_revision(revision);
}

Outcome mistake(const std::string& what) {
  return {.status = Outcome::Status::kRejected, .event_id = {}, .code = {}, .text = what};
}

}  // namespace

Carrier::Carrier(Session& session, Task task, ProgressFile& progress, RejectedFile& rejected)
    : session_(session),
      task_(std::move(task)),
      progress_(progress),
      rejected_(rejected),
      reader_(task_.format, task_.text),
      first_row_(task_.place.rows) {
  for (std::size_t row = 0; row < first_row_; ++row) (void)reader_.next();
}

End Carrier::run() try {
  const Interruption interruption;
  ProgressLine line(session_.err);
  keep_place();
  Publisher publisher(publisher_settings(session_.settings(), Intake::kRegistration, news_));
  Pipeline pipeline(publisher);
  auto last_outcome = Clock::now();
  auto last_kept = last_outcome;
  End end = End::kComplete;
  while (!read_all_ || !pipeline.empty()) {
    fill(pipeline);
    if (settle(pipeline, !read_all_ && pipeline.has_room() ? milliseconds(0) : kTick))
      last_outcome = Clock::now();
    if (pipeline.empty() && !read_all_) (void)publisher.wait_for_credit(kTick);
    const auto silence = Clock::now() - last_outcome;
    if (interruption.asked()) end = End::kInterrupted;
    if (silence > task_.patience) end = End::kUnreachable;
    if (end != End::kComplete) break;
    if (Clock::now() - last_kept < kKeepEvery) continue;
    last_kept = Clock::now();
    keep_place();
    line.show(progress_text(silence > kSilence));
  }
  for (const auto deadline = Clock::now() + kLastOutcomes;
       end == End::kInterrupted && Clock::now() < deadline;) {
    if (!settle(pipeline, kTick) && pipeline.empty()) break;
  }
  keep_place();
  line.clear();
  return end;
} catch (const std::logic_error& wrong) {  // a key file, or a setting that a password needs
  throw Failure{ExitCode::kUsage, std::string("[cli] ") + wrong.what()};
}

/// Puts in what there is room for, a turn's worth at most.
void Carrier::fill(Pipeline& pipeline) {
  for (std::size_t put = 0; put < kTurn && !read_all_ && pipeline.has_room(); ++put) {
    auto record = reader_.next();
    if (!record) {
      read_all_ = true;
      return;
    }
    if (record->mistake.empty())
      pipeline.put(event_of(*record->row, task_.place.revision));
    else
      pipeline.put(mistake(record->mistake));
    if (record->row) record->row->password = Secret();
    under_way_.push_back(std::move(*record));
  }
}

/// Takes the outcomes that are there; waits for the first one at most so long. Whether there was any.
bool Carrier::settle(Pipeline& pipeline, milliseconds time) {
  bool any = false;
  while (const auto outcome = pipeline.take(any ? milliseconds(0) : time)) {
    if (outcome->status == Outcome::Status::kClosed) break;
    settle(under_way_.front(), *outcome);
    under_way_.pop_front();
    any = true;
  }
  return any;
}

void Carrier::settle(const Record& record, const Outcome& outcome) {
  auto& place = task_.place;
  ++place.rows;
  if (outcome.committed()) {
    ++place.accepted;
    return;
  }
  const std::string why = outcome.code.empty() ? outcome.text : describe(outcome);
  rejected_.append(reader_.head_with_remark(), reader_.with_remark(record, why));
  ++place.rejected;
  if (remarks_.size() < kMostRemarks) remarks_.push_back({record.line, why});
}

/// What was rejected is on disk before the place behind it is.
void Carrier::keep_place() {
  task_.place.rejected_bytes = rejected_.bytes();
  progress_.write(task_.place);
}

std::string Carrier::progress_text(bool waits) const {
  const auto& place = task_.place;
  std::string text = progress_bar(place.rows, task_.rows) + "  " + std::to_string(place.rows) + " of " +
                     std::to_string(task_.rows);
  if (place.rejected > 0) text += ", " + std::to_string(place.rejected) + " rejected";
  if (waits) return text + ", waits for registration: " + printable(news_.get(), 256);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
  const double rate = static_cast<double>(place.rows - first_row_) / seconds;
  if (rate < 1) return text;
  const auto left =
      std::chrono::seconds(static_cast<long>(static_cast<double>(task_.rows - place.rows) / rate));
  return text + ", " + std::to_string(static_cast<long>(rate)) + "/s, " + readable_duration(left) + " left";
}

}  // namespace rostrum::cli::importing
