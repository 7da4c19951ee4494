// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/interruption.hpp"

#include <poll.h>

namespace rostrum::cli {

namespace {

volatile std::sig_atomic_t asked_now = 0;  // a signal handler reaches nothing but this

void ask(int) {
  asked_now = 1;
}

sigset_t both() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interruption::Interruption() {
  asked_now = 0;
  struct sigaction action {};
  action.sa_handler = ask;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // no SA_RESTART: whoever waits wakes up
  ::sigaction(SIGINT, &action, &before_int_);
  ::sigaction(SIGTERM, &action, &before_term_);
  ::pthread_sigmask(SIG_SETMASK, nullptr, &unblocked_);
}

Interruption::~Interruption() {
  ::sigaction(SIGINT, &before_int_, nullptr);
  ::sigaction(SIGTERM, &before_term_, nullptr);
}

bool Interruption::asked() const {
  return asked_now != 0;
}

void Interruption::pause(std::chrono::milliseconds time) const {
  // Blocked from the look to the wait, or a signal in between would be slept through.
  const sigset_t set = both();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  if (!asked()) {
    const timespec duration{.tv_sec = time.count() / 1'000, .tv_nsec = (time.count() % 1'000) * 1'000'000};
    ::ppoll(nullptr, 0, &duration, &unblocked_);
  }
  ::pthread_sigmask(SIG_SETMASK, &unblocked_, nullptr);
}

}  // namespace rostrum::cli
