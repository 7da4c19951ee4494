// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/jabber_server.hpp"

#include <utility>

namespace rostrum::simulation {

namespace {

using gateway::DoorReply;
using Action = gateway::DoorRequest::Action;

/// How long after something broke a repeat may follow from it: a command's time to live, its stanza's
/// deadline, the hold and a pause.
constexpr Milliseconds kAftermath{20'000};

DoorReply good(std::string word) {
  return {true, "", std::move(word), ""};
}
DoorReply bad(std::string type, std::string condition) {
  return {false, std::move(type), std::move(condition), "said by the simulated server"};
}

}  // namespace

JabberServer::JabberServer(World& world, Network& network) : world_(world), network_(network) {
  listen();
}

void JabberServer::listen() {
  life_ = std::make_unique<Life>();
  network_.listen(kAddress, [this](const ConnectionPtr& stream) {
    streams_.push_back(stream);
    stream->attach(Connection::End::kListener,
                   {.on_message = life_->guard([this, weak = std::weak_ptr(stream)](std::any& message) {
                     if (const auto from = weak.lock()) arrived(from, std::move(message));
                   })});
  });
}

void JabberServer::be_slow(Milliseconds duration) {
  if (!life_) return;
  world_.say("the Jabber server is slow for ", duration.count(), " ms");
  world_.count("Jabber servers slow");
  world_.harmed(duration);
  slow_until_ = world_.now() + duration;
  longest_pause_ = world_.between(100, 2'500);
}

void JabberServer::arrived(const ConnectionPtr& stream, std::any message) {
  waiting_.push_back({stream, std::move(message)});
  if (!busy_) serve_waiting();
}

void JabberServer::serve_waiting() {
  while (!waiting_.empty()) {
    if (world_.now() >= slow_until_) {
      serve_oldest();
      continue;
    }
    busy_ = true;
    return world_.after(world_.between(20, longest_pause_.count()), life_->guard([this] {
      busy_ = false;
      serve_oldest();
      serve_waiting();
    }));
  }
}

void JabberServer::serve_oldest() {
  const auto [stream, message] = std::move(waiting_.front());
  waiting_.pop_front();
  if (const auto* asked = std::any_cast<DoorAsked>(&message)) handle(stream, *asked);
  if (const auto* stanza = std::any_cast<Stanza>(&message)) handle(stream, *stanza);
  if (const auto* barrier = std::any_cast<BarrierAsked>(&message)) handle(stream, *barrier);
}

void JabberServer::die() {
  if (!life_) return;
  world_.say("the Jabber server dies");
  world_.count("Jabber server deaths");
  const auto pause = world_.between(100, 3'000);
  world_.harmed(pause);
  life_.reset();
  waiting_.clear();
  busy_ = false;
  network_.stop_listening(kAddress);
  for (const auto& stream : std::exchange(streams_, {})) stream->close(Connection::End::kListener);
  world_.after(pause, [this] { listen(); });
}

void JabberServer::answer(const ConnectionPtr& stream, std::any what) {
  if (world_.fails(&Faults::server_dies, 50)) {
    world_.count("Jabber server deaths between doing and answering");
    return die();
  }
  stream->send(Connection::End::kListener, std::move(what));
}

void JabberServer::handle(const ConnectionPtr& stream, const DoorAsked& asked) {
  answer(stream, DoorReplied{asked.request, serve(asked)});
}

DoorReply JabberServer::serve(const DoorAsked& asked) {
  if (world_.fails(&Faults::server_fails, 6))
    return world_.happens(2) ? bad("wait", "resource-constraint") : bad("cancel", "remote-server-timeout");
  const auto found = accounts_.find(asked.jid);
  const bool there = found != accounts_.end();
  const bool ours = there && found->second.claim == asked.claim;
  switch (asked.action) {
    case Action::kCreate:
      if (there && !ours) return bad("cancel", "conflict");
      if (forbidden_.contains(asked.jid)) return bad("modify", "not-acceptable");
      world_.say("the Jabber server has an account ", asked.jid, ", password ", asked.password);
      accounts_[asked.jid] = {asked.claim, asked.password};
      if (ours) world_.count("creations repeated");
      return good(ours ? "already-ours" : "created");
    case Action::kSetPassword:
      if (!there) return bad("cancel", "item-not-found");
      if (!ours) return bad("cancel", "conflict");
      world_.say("the Jabber server has ", asked.jid, " with password ", asked.password);
      found->second.password = asked.password;
      return good("set");
    case Action::kRemove:
      if (!there) return good("absent");
      if (!ours) return bad("cancel", "conflict");
      world_.say("the Jabber server has no account ", asked.jid, " any more");
      accounts_.erase(found);
      return good("removed");
  }
  fail_invariant("an action that is none", __FILE__, __LINE__);
}

void JabberServer::handle(const ConnectionPtr&, const Stanza& stanza) {
  world_.say("the Jabber server has stanza ", stanza.id, " for ", stanza.to);
  auto& copies = handed_over_[stanza.id];
  if (!copies.empty()) {
    world_.count("stanzas handed over again");
    promise(world_.harmed_since(copies.back() - kAftermath), "one effect: stanza ", stanza.id,
            " was handed over again although nothing had broken");
  }
  copies.push_back(world_.now());
  const auto notice_and_member = stanza.id.substr(0, stanza.id.find('.')) + " " + stanza.to;
  const auto& known = stanza_of_.emplace(notice_and_member, stanza.id).first->second;
  promise(known == stanza.id, "a repeat carries the same stanza id: ", stanza.to, " got ", known, " and ",
          stanza.id);
  if (world_.fails(&Faults::server_dies, 80)) {
    world_.count("Jabber server deaths between doing and answering");
    die();
  }
}

void JabberServer::handle(const ConnectionPtr& stream, const BarrierAsked& asked) {
  answer(stream, BarrierReached{asked.number});
}

const JabberServer::Account* JabberServer::find(const std::string& jid) const {
  const auto found = accounts_.find(jid);
  return found == accounts_.end() ? nullptr : &found->second;
}

std::size_t JabberServer::copies(const std::string& stanza_id) const {
  const auto found = handed_over_.find(stanza_id);
  return found == handed_over_.end() ? 0 : found->second.size();
}

}  // namespace rostrum::simulation
