// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/watch_source.hpp"

#include <utility>

#include "services/gateway/adapters/presence_stanzas.hpp"
#include "services/gateway/adapters/stanza_error.hpp"

namespace rostrum::gateway {

WatchSource::WatchSource(const Clock& clock, Session& session, PresenceAddresses addresses,
                         std::uint64_t epoch, OnSeen on_seen)
    : clock_(clock),
      session_(session),
      domain_(addresses.domain()),
      epoch_(epoch),
      on_seen_(std::move(on_seen)),
      watch_(std::move(addresses)) {}

void WatchSource::online() {
  announced_ = false;
  perform(watch_.online(now()));
}

void WatchSource::offline() {
  perform(watch_.offline());
}

void WatchSource::tick() {
  perform(watch_.tick(now()));
}

void WatchSource::perform(const Watch::Step& step) {
  for (const auto& seen : step.seen) on_seen_(seen);
  if (step.ask) ask();
}

void WatchSource::ask() {
  session_.request(gloox::IQ::Set, watch_element(epoch_), [this, asked = ++asked_](const gloox::Tag& iq) {
    if (asked == asked_) answered(iq);
  });
}

void WatchSource::answered(const gloox::Tag& iq) {
  if (iq.findAttribute("type") == "error") {
    auto error = read_stanza_error(iq);
    perform(watch_.refused({std::move(error.condition), std::move(error.text)}, now()));
  } else {
    perform(watch_.granted(read_granted_watch(iq), now()));
  }
  // Not before: without a watch the server would hand us everybody's presence at once.
  if (!std::exchange(announced_, true)) session_.send_available();
}

bool WatchSource::take_message(const gloox::Tag& message) {
  if (!is_of_watch(message)) return false;
  const auto read = read_watch_message(message);
  if (message.findAttribute("from") != domain_) {
    on_seen_(Distrusted{Distrust::kForged});
  } else if (!read) {
    on_seen_(Distrusted{Distrust::kMalformed});
  } else {
    perform(watch_.told(*read, now()));
  }
  return true;
}

}  // namespace rostrum::gateway
