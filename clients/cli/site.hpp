// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "clients/cli/session.hpp"
#include "rostrum/publisher.hpp"

namespace rostrum::cli {

/// Which intake a command speaks to.
enum class Intake { kRegistration, kNotification };

/// The latest news of a connection, written by the publisher's thread.
class LastNews {
 public:
  void set(std::string_view text);
  [[nodiscard]] std::string get() const;

 private:
  mutable std::mutex mutex_;
  std::string text_ = "no answer";
};

/// How to reach one intake with the site's key; throws Failure(kUsage) naming the key of [cli] that is not
/// set. `news` must outlive the publisher.
[[nodiscard]] PublisherSettings publisher_settings(const Settings& settings, Intake intake, LastNews& news);

/// Publishes one event with the site's key and waits for its outcome. Throws Failure(kUnreachable) with the
/// reason when there is none, and says then whether the event may have been taken.
[[nodiscard]] Outcome publish(Session& session, Intake intake, Event event);

/// Says what became of the event (`what` names it: "member anna"), and what exit code that is.
ExitCode report(Session& session, const std::string& what, const Outcome& outcome);

/// The revision a command was given, or the clock's microseconds: always more than before.
[[nodiscard]] Event with_revision(Event event, std::uint64_t revision_or_nought);

}  // namespace rostrum::cli
