// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace rostrum {

/// Every place at which a test may let a process die, in the order in which work passes them. The runs of
/// tests/fault read this list, and fail when they did not get to one of them.
inline constexpr std::array kCrashPoints = std::to_array<std::string_view>({
    // An event, at its publisher …
    "publisher.taken",      // kept, nothing sent
    "publisher.sent",       // in the socket's hands
    "publisher.resent",     // what an earlier connection left unanswered is in the hands of this one
    "publisher.concluded",  // the outcome is here, nobody was told
    // … and at an intake.
    "intake.received",   // good and kept, nothing written
    "intake.inserted",   // ledger and rows are in, not committed
    "intake.committed",  // nobody was told
    "intake.answered",   // the outcome is in the socket's hands
    // A notice, on its way to deliveries.
    "expansion.inserted",   // a page and its cursor are in, not committed
    "expansion.committed",  // the next page is not begun
    // A piece of work, at the service that owns it …
    "dispatch.claimed",     // *attempting* is in, not committed
    "dispatch.attempting",  // committed, no command is sent
    "command.sent",         // in the socket's hands
    "command.resulted",     // the result is here, nothing written
    "dispatch.recorded",    // the result is in, not committed
    "dispatch.settled",     // committed
    // … and at the gateway.
    "command.received",    // nothing begun
    "sender.handed_over",  // the stanza is in the stream's hands
    "sender.confirmed",    // the Jabber server has it, nobody was told
    "door.asked",          // the request is in the stream's hands
    "door.replied",        // the Jabber server has done it, nobody was told
    "command.answered",    // the result is in the socket's hands
    // The lease of a domain's presence.
    "lease.asked",      // the gateway's claim is in the socket's hands
    "lease.inserted",   // the claim is in, not committed
    "lease.committed",  // nobody was told
    "lease.answered",   // the answer is in the socket's hands
    "lease.owned",      // the gateway knows that it owns the presence, and has not looked
    // An observation.
    "observation.sent",       // in the socket's hands
    "observation.received",   // nothing written
    "observation.inserted",   // stored, not committed
    "observation.committed",  // nobody was told
    "observation.answered",   // the answer is in the socket's hands
    "observation.confirmed",  // the gateway was told
});

/// The name of one of them; another does not compile.
class CrashPoint {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a name is written where it is meant.
  consteval CrashPoint(const char* name) : name_(name) {
    if (std::find(kCrashPoints.begin(), kCrashPoints.end(), name_) == kCrashPoints.end())
      throw std::invalid_argument("not in kCrashPoints");
  }
  [[nodiscard]] constexpr std::string_view name() const { return name_; }

 private:
  std::string_view name_;
};

/// A place where the process may die as if by `kill -9`: with ROSTRUM_CRASH_AT=NAME in the environment the
/// first time that it passes, with NAME:N the N-th time. Only in builds with the CMake option
/// ROSTRUM_CRASH_POINTS, which are for tests; in all others it is nothing
/// (docs/adr/0020-crash-points-are-in-the-code.md). Any thread.
#ifdef ROSTRUM_CRASH_POINTS
void crash_point(CrashPoint point);
#else
inline void crash_point(CrashPoint /*point*/) {}
#endif

}  // namespace rostrum
