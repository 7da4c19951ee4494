// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/presence_session.hpp"

#include <utility>

#include "services/gateway/adapters/roster_source.hpp"
#include "services/gateway/adapters/watch_source.hpp"

namespace rostrum::gateway {
namespace {

std::unique_ptr<PresenceSource> make_source(PresenceSourceKind kind, const Clock& clock, Session& session,
                                            PresenceAddresses addresses, std::uint64_t epoch,
                                            PresenceSource::OnSeen on_seen) {
  switch (kind) {
    case PresenceSourceKind::kModule:
      return std::make_unique<WatchSource>(clock, session, std::move(addresses), epoch, std::move(on_seen));
    case PresenceSourceKind::kRoster:
      return std::make_unique<RosterSource>(clock, session, std::move(addresses), std::move(on_seen));
  }
  fail_invariant("a PresenceSourceKind without a source", __FILE__, __LINE__);
}

}  // namespace

SessionSettings for_presence(SessionSettings settings, PresenceSourceKind source) {
  settings.name = "presence";
  // What is not known is to be said soon, and known again soon after.
  settings.times.ping_every = Milliseconds{10'000};
  settings.times.ordinary.cap = Milliseconds{4'000};
  // A server that keeps a vanished stream for resumption would keep a dead gateway online.
  settings.stream_management = false;
  settings.takes_presence = source == PresenceSourceKind::kRoster;
  // A roster comes as one element.
  if (settings.takes_presence) settings.stanza_limits = {.bytes = 4'194'304, .elements = 50'000};
  return settings;
}

PresenceSession::PresenceSession(SessionTools tools, SessionSettings settings, PresenceSourceKind source,
                                 PresenceAddresses addresses, std::uint64_t epoch, OnSeen on_seen,
                                 OnMessage on_message)
    : on_seen_(std::move(on_seen)),
      on_message_(std::move(on_message)),
      session_(tools, for_presence(std::move(settings), source), handlers()),
      source_(make_source(source, tools.reactor.clock(), session_, std::move(addresses), epoch,
                          [this](const Sighting& seen) {
                            if (!muted_) on_seen_(seen);
                          })),
      tick_timer_(tools.reactor) {
  session_.start();
  tick();
}

Session::Handlers PresenceSession::handlers() {
  return {.on_online = [this] { source_->online(); },
          .on_offline = [this](const std::string&) { source_->offline(); },
          .on_message =
              [this](const gloox::Tag& message) {
                if (!source_->take_message(message)) on_message_(message);
              },
          .on_barrier = [this](std::uint64_t) { source_->on_barrier(); },
          .on_presence = [this](const gloox::Tag& presence) { source_->take_presence(presence); },
          .on_roster_push = [this](const gloox::Tag& iq) { source_->take_roster_push(iq); }};
}

void PresenceSession::tick() {
  constexpr Milliseconds kTick{200};
  tick_timer_.start(kTick, [this] { tick(); });
  source_->tick();
}

}  // namespace rostrum::gateway
