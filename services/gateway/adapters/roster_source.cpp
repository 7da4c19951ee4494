// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/roster_source.hpp"

#include "services/gateway/adapters/presence_stanzas.hpp"
#include "services/gateway/adapters/stanza_error.hpp"

namespace rostrum::gateway {

RosterSource::RosterSource(const Clock& clock, Session& session, PresenceAddresses addresses, OnSeen on_seen)
    : clock_(clock),
      session_(session),
      domain_(addresses.domain()),
      on_seen_(std::move(on_seen)),
      view_(std::move(addresses)) {}

void RosterSource::online() {
  ask();
}

void RosterSource::offline() {
  ask_again_ = MonoTime::max();
  tell(view_.offline());
}

void RosterSource::tick() {
  if (clock_.mono() >= ask_again_) ask();
}

void RosterSource::ask() {
  ask_again_ = MonoTime::max();
  session_.request_of_account(gloox::IQ::Get, roster_query(), [this](const gloox::Tag& iq) { answered(iq); });
}

void RosterSource::answered(const gloox::Tag& iq) {
  constexpr Milliseconds kLookAgain{30'000};
  if (iq.findAttribute("type") == "error") {
    ask_again_ = clock_.mono() + kLookAgain;
    return on_seen_(Unfit{"the Jabber server gives no roster: " + read_stanza_error(iq).condition});
  }
  tell(view_.roster(read_roster(iq)));
  session_.send_available();
  session_.ask_barrier(++barriers_);
}

void RosterSource::take_presence(const gloox::Tag& presence) {
  tell(view_.told(read_presence(presence, domain_), {clock_.mono(), clock_.wall()}));
}

void RosterSource::take_roster_push(const gloox::Tag& iq) {
  for (const auto& item : read_roster(iq)) tell(view_.pushed(item));
}

void RosterSource::tell(const Sightings& seen) const {
  for (const auto& one : seen) on_seen_(one);
}

}  // namespace rostrum::gateway
