// SPDX-License-Identifier: Apache-2.0
#include "common/bus/peer_table.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::bus {

namespace {

const AuthorizedKey* authorized(const AuthorizedKeys& keys, const std::string& key) {
  const auto parsed = PublicKey::parse(key);
  return parsed ? keys.find_by_key(*parsed) : nullptr;
}

/// What a frame costs. Nothing: it has no place on the binding side of this link.
std::optional<Load> load_of_work(LinkKind link, const Frame& frame) {
  switch (link) {
    case LinkKind::kEvent:
      if (const auto* batch = std::get_if<BatchFrame>(&frame)) return load_of(*batch);
      break;
    case LinkKind::kCommand:
      if (const auto* commands = std::get_if<CommandsFrame>(&frame)) return load_of(*commands);
      break;
    case LinkKind::kObservation:
      if (const auto* seen = std::get_if<ObservationsFrame>(&frame)) return load_of(*seen);
      if (std::holds_alternative<LeaseClaimFrame>(frame) || std::holds_alternative<LeaseReleaseFrame>(frame))
        return Load{};
      break;
  }
  return std::nullopt;
}

/// "300 (90,112 bytes)"
std::string words_of(const Load& load) {
  return std::to_string(load.items) + " (" + std::to_string(load.bytes) + " bytes)";
}

const char* name_of(LinkKind link) {
  switch (link) {
    case LinkKind::kEvent:
      return "this is an event link, version 1";
    case LinkKind::kCommand:
      return "this is a command link, version 1";
    case LinkKind::kObservation:
      return "this is an observation link, version 1";
  }
  return "";
}

}  // namespace

PeerTable::PeerTable(LinkKind link, LinkLimits limits, std::string instance)
    : link_(link), limits_(limits), instance_(std::move(instance)), budget_(limits.for_all()) {
  ROSTRUM_INVARIANT(limits_.window > 0);
}

std::optional<PeerTable::Work> PeerTable::receive(const IncomingMessage& message, const AuthorizedKeys& keys,
                                                  PeerEffects& effects) {
  if (message.key.empty())
    return std::nullopt;  // no User-Id: not authenticated (ZeroMQ RFC 27); never answered
  auto found = by_route_.find(message.route);
  // A route may be used again by another connection, and that by another key.
  if (found != by_route_.end() && found->second.key != message.key) {
    drop(message.route, effects);
    found = by_route_.end();
  }
  const auto* sender = authorized(keys, message.key);
  if (sender == nullptr) {  // revoked since the handshake
    turn_away(message.route, effects);
    return std::nullopt;
  }
  const std::string name = found == by_route_.end() ? std::string() : found->second.name;
  if (message.parts != 1) {
    refuse_route(message.route, name, RefusalCode::kMalformedFrame, "a message must have exactly one part",
                 effects, "parts");
    return std::nullopt;
  }
  auto frame = decode(message.bytes);
  if (!frame) {
    refuse_route(message.route, name, RefusalCode::kMalformedFrame, "not a rostrum.v1.Frame", effects);
    return std::nullopt;
  }
  if (const auto* greeting = std::get_if<HelloFrame>(&*frame)) {
    hello(message, *greeting, *sender, effects);
    return std::nullopt;
  }
  if (found == by_route_.end()) {
    refuse_route(message.route, name, RefusalCode::kNoHello, "say Hello first and wait for Welcome", effects);
    return std::nullopt;
  }
  return work(found->second, std::move(*frame), *sender, effects);
}

void PeerTable::hello(const IncomingMessage& message, const HelloFrame& hello, const AuthorizedKey& sender,
                      PeerEffects& effects) {
  drop(message.route, effects);
  if (hello.protocol_version != kProtocolVersion || hello.link != link_)
    return refuse_route(message.route, sender.name, RefusalCode::kUnsupported, name_of(link_), effects);
  if (by_route_.size() >= limits_.max_peers)
    return refuse_route(message.route, sender.name, RefusalCode::kTooManyPeers,
                        "as many peers as are allowed; try again later", effects);

  Peer peer{{++last_token_}, message.route, message.key, sender.name, {}};
  routes_.emplace(peer.token.value, peer.route);
  auto& stored = by_route_.emplace(peer.route, std::move(peer)).first->second;
  grant(stored);
  const auto horizon_s = std::chrono::duration_cast<std::chrono::seconds>(limits_.horizon).count();
  effects.send.push_back(
      {stored.route,
       WelcomeFrame{instance_, stored.window.granted(), limits_.max_frame_bytes, limits_.max_event_bytes,
                    limits_.max_batch, static_cast<std::uint32_t>(horizon_s), stored.name}});
  effects.tell.push_back({LinkEvent::Kind::kConnected, stored.name, "welcome"});
}

std::optional<PeerTable::Work> PeerTable::work(Peer& peer, Frame frame, const AuthorizedKey& sender,
                                               PeerEffects& effects) {
  const auto load = load_of_work(link_, frame);
  if (!load) {
    refuse_route(peer.route, peer.name, RefusalCode::kMalformedFrame,
                 "this frame has no place on this side of this link", effects);
    return std::nullopt;
  }
  if (load->items > limits_.max_batch) {
    refuse_route(peer.route, peer.name, RefusalCode::kBatchTooLarge,
                 "at most " + std::to_string(limits_.max_batch) + " in one frame", effects);
    return std::nullopt;
  }
  if (!peer.window.take(*load)) {
    refuse_route(peer.route, peer.name, RefusalCode::kOverCredit,
                 words_of(*load) + " were sent with credit left for " + words_of(peer.window.left()) +
                     "; count both and wait for Credit",
                 effects);
    return std::nullopt;
  }
  return Work{peer.token, sender, peer.name, std::move(frame)};
}

void PeerTable::answer(PeerToken token, Frame answers, const Load& answered, PeerEffects& effects) {
  auto* peer = find(token);
  if (peer == nullptr) return;  // gone meanwhile; it will ask again by itself
  peer->window.answer(answered);
  effects.send.push_back({peer->route, std::move(answers)});
  grant_if_low(*peer, effects);
}

void PeerTable::write_off(PeerToken token, const Load& answered, PeerEffects& effects) {
  auto* peer = find(token);
  if (peer == nullptr) return;
  peer->window.answer(answered);
  grant_if_low(*peer, effects);
}

void PeerTable::refuse(PeerToken token, RefusalCode code, std::string text, PeerEffects& effects) {
  if (const auto* peer = find(token)) refuse_route(peer->route, peer->name, code, std::move(text), effects);
}

void PeerTable::drop(const std::string& route, PeerEffects& effects) {
  const auto found = by_route_.find(route);
  if (found == by_route_.end()) return;
  effects.ended.push_back(found->second.token);
  effects.tell.push_back({LinkEvent::Kind::kLost, found->second.name, "conversation ended"});
  routes_.erase(found->second.token.value);
  by_route_.erase(found);
}

// Nothing in the frame is answered: a rejection would be the end of an event that its publisher may well send
// again tomorrow, when the operator has mended the file.
void PeerTable::turn_away(const std::string& route, PeerEffects& effects) {
  const auto found = by_route_.find(route);
  refuse_route(route, found == by_route_.end() ? std::string() : found->second.name,
               RefusalCode::kNotAuthorized, "this key is not in force; keep what has no answer and try again",
               effects);
  effects.cut.push_back(route);
  drop(route, effects);
}

void PeerTable::greet_all(const AuthorizedKeys& keys, PeerEffects& effects) {
  std::vector<std::string> revoked;
  for (const auto& [route, peer] : by_route_) {
    if (authorized(keys, peer.key) == nullptr) revoked.push_back(route);
  }
  for (const auto& route : revoked) turn_away(route, effects);
  greet(effects);
}

void PeerTable::greet(PeerEffects& effects) {
  for (auto& [route, peer] : by_route_) {
    grant(peer);
    effects.send.push_back({route, CreditFrame{peer.window.granted(), !open_}});
  }
}

void PeerTable::set_open(bool open, PeerEffects& effects) {
  if (std::exchange(open_, open) != open) greet(effects);
}

// Who stands still for want of credit hears of more at once, the others when they need it.
void PeerTable::set_budget(const Load& budget, PeerEffects& effects) {
  const auto before = std::exchange(budget_, smaller(budget, limits_.for_all()));
  if (!open_ || budget_.fits(before)) return;
  for (auto& [route, peer] : by_route_) grant_if_low(peer, effects);
}

Load PeerTable::granted() const {
  Load sum;
  if (!open_) return sum;
  for (const auto& [route, peer] : by_route_) sum += peer.window.left();
  return sum;
}

PeerTable::Peer* PeerTable::find(PeerToken token) {
  const auto route = routes_.find(token.value);
  return route == routes_.end() ? nullptr : &by_route_.at(route->second);
}

// Newcomers get their share at once; who was granted more before keeps that until it is used, so the total
// may be passed while peers arrive. A share is never too small for the largest event: its sender would wait
// for ever.
Load PeerTable::share() const {
  const auto peers = std::max<std::size_t>(1, by_route_.size());
  const auto one = limits_.for_one();
  return smaller(one, larger({budget_.items / peers, budget_.bytes / peers}, smaller(one, largest_item())));
}

// Commands and observations have no limit of their own: the frame's.
Load PeerTable::largest_item() const {
  return {1, link_ == LinkKind::kEvent ? limits_.max_event_bytes : limits_.max_frame_bytes};
}

void PeerTable::grant(Peer& peer) const {
  if (open_) peer.window.allow(share());
}

// A frame of credit for each frame of answers would double the messages: it goes out when half the room is
// used up, or the largest event has none, else with the sign of life.
void PeerTable::grant_if_low(Peer& peer, PeerEffects& effects) const {
  const auto before = peer.window.granted();
  const auto whole = share();
  const auto left = peer.window.left();
  const bool low_in_bytes = left.bytes <= whole.bytes / 2 || left.bytes < largest_item().bytes;
  if (left.items > whole.items / 2 && !low_in_bytes) return;
  grant(peer);
  if (peer.window.granted() != before)
    effects.send.push_back({peer.route, CreditFrame{peer.window.granted()}});
}

void PeerTable::refuse_route(const std::string& route, const std::string& name, RefusalCode code,
                             std::string text, PeerEffects& effects, std::string_view rule) {
  effects.tell.push_back(
      {LinkEvent::Kind::kFrameRefused, name, text, LinkTrouble::kNone, rule.empty() ? word_of(code) : rule});
  effects.send.push_back({route, RefusalFrame{code, std::move(text)}});
}

}  // namespace rostrum::bus
