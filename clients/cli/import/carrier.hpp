// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "clients/cli/import/checked_reader.hpp"
#include "clients/cli/import/pipeline.hpp"
#include "clients/cli/import/progress_file.hpp"
#include "clients/cli/import/rejected_file.hpp"
#include "clients/cli/interruption.hpp"
#include "clients/cli/session.hpp"
#include "clients/cli/site.hpp"

namespace rostrum::cli::importing {

/// How an import ended, or why it stopped.
enum class End { kComplete, kInterrupted, kUnreachable };

/// Carries the rows of a file to registration, from a place on, and keeps the place. A row that is carried
/// twice, because the place was kept a moment before, is stated under the same revision both times: the
/// second changes nothing.
class Carrier {
 public:
  struct Task {
    Format format;
    std::string_view text;
    std::size_t rows;                    ///< how many there are
    Place place;                         ///< where to begin
    std::chrono::milliseconds patience;  ///< with a service that does not answer
  };
  Carrier(Session& session, Task task, ProgressFile& progress, RejectedFile& rejected);

  /// Throws Failure(kUsage) when a setting is wrong.
  [[nodiscard]] End run();
  [[nodiscard]] const Place& place() const { return task_.place; }
  [[nodiscard]] const std::vector<Remark>& remarks() const { return remarks_; }  ///< the first kMostRemarks
  [[nodiscard]] std::string last_news() const { return news_.get(); }

 private:
  using Clock = std::chrono::steady_clock;
  void fill(Pipeline& pipeline);
  bool settle(Pipeline& pipeline, std::chrono::milliseconds time);
  void settle(const Record& record, const Outcome& outcome);
  void keep_place();
  [[nodiscard]] std::string progress_text(bool waits) const;

  Session& session_;
  Task task_;
  ProgressFile& progress_;
  RejectedFile& rejected_;
  CheckedReader reader_;
  bool read_all_ = false;
  std::deque<Record> under_way_;  ///< as in the pipeline; without their passwords
  std::vector<Remark> remarks_;
  LastNews news_;
  const std::size_t first_row_;
  const Clock::time_point begin_ = Clock::now();
};

}  // namespace rostrum::cli::importing
