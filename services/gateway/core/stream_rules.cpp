// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/stream_rules.hpp"

#include <algorithm>

#include "common/base/result.hpp"

namespace rostrum::gateway {
namespace {

constexpr std::string_view kStreams = "http://etherx.jabber.org/streams";
constexpr std::string_view kTls = "urn:ietf:params:xml:ns:xmpp-tls";
constexpr std::string_view kSasl = "urn:ietf:params:xml:ns:xmpp-sasl";
constexpr std::string_view kStreamManagement = "urn:xmpp:sm:3";
constexpr std::string_view kCarbons = "urn:xmpp:carbons:2";
constexpr std::string_view kRoster = "jabber:iq:roster";

bool is_stanza(const Incoming& element) {
  const bool in_namespace = element.xmlns.empty() || element.xmlns == "jabber:client";
  return in_namespace && (element.name == "iq" || element.name == "message" || element.name == "presence");
}

Judgement believe_if(bool condition, Judgement otherwise) {
  return condition ? Judgement::kBelieve : otherwise;
}

}  // namespace

void StreamRules::enter(StreamPhase phase) {
  phase_ = phase;
  challenged_ = false;
  expected_.clear();
}

void StreamRules::expect(std::string id, std::string from) {
  expected_.emplace(std::move(id), std::move(from));
}

void StreamRules::forget(const std::string& id, const std::string& from) {
  expected_.erase({id, from});
}

Judgement StreamRules::judge(const Incoming& element) {
  if (element.xmlns == kStreams) {
    const bool is_known = element.name == "stream" || element.name == "error" || element.name == "features";
    return believe_if(is_known && !(phase_ == StreamPhase::kOnline && element.name != "error"),
                      Judgement::kOutOfPlace);
  }
  return is_stanza(element) ? judge_stanza(element) : judge_negotiation(element);
}

/// RFC 6120 §5 and §6, XEP-0198: each element has its one place.
Judgement StreamRules::judge_negotiation(const Incoming& element) {
  switch (phase_) {
    case StreamPhase::kPlain:
      return believe_if(element.xmlns == kTls && (element.name == "proceed" || element.name == "failure"),
                        Judgement::kOutOfPlace);
    case StreamPhase::kSecured:
      if (element.xmlns != kSasl) return Judgement::kOutOfPlace;
      if (element.name == "challenge") challenged_ = true;
      // gloox takes <success/> for granted even if the server never showed that it knows the password.
      return believe_if(element.name == "failure" || element.name == "challenge" ||
                            (element.name == "success" && challenged_),
                        Judgement::kOutOfPlace);
    case StreamPhase::kAuthenticated:
    case StreamPhase::kOnline:
      return believe_if(element.xmlns == kStreamManagement, Judgement::kOutOfPlace);
  }
  return Judgement::kOutOfPlace;
}

Judgement StreamRules::judge_stanza(const Incoming& element) {
  if (phase_ == StreamPhase::kPlain || phase_ == StreamPhase::kSecured) return Judgement::kOutOfPlace;
  if (element.name == "iq") return judge_iq(element);
  if (element.name == "message") return judge_message(element);
  return believe_if(takes_presence_ && phase_ == StreamPhase::kOnline, Judgement::kPresence);
}

Judgement StreamRules::judge_iq(const Incoming& iq) {
  if (iq.type == "result" || iq.type == "error") {
    // Binding and session are gloox's own requests, to the server itself.
    if (phase_ == StreamPhase::kAuthenticated)
      return believe_if(from_own_server(iq.from), Judgement::kForgedAnswer);
    const auto sender = iq.from.empty() ? std::string_view(own_.text()) : iq.from;  // RFC 6120 §8.1.2.1
    return believe_if(expected_.erase({std::string(iq.id), std::string(sender)}) == 1,
                      Judgement::kForgedAnswer);
  }
  const bool is_roster = std::any_of(iq.children.begin(), iq.children.end(),
                                     [](const auto& child) { return child.xmlns == kRoster; });
  if (is_roster && !iq.from.empty() && iq.from != own_.text()) return Judgement::kForgedRosterPush;
  return Judgement::kBelieve;
}

Judgement StreamRules::judge_message(const Incoming& message) const {
  const bool is_carbon = std::any_of(message.children.begin(), message.children.end(),
                                     [](const auto& child) { return child.xmlns == kCarbons; });
  if (is_carbon) return Judgement::kForgedCarbon;
  const bool from_member = bare_of(message.from).ok();
  return believe_if(from_member || message.from == own_.domain(), Judgement::kNoSender);
}

bool StreamRules::from_own_server(std::string_view from) const {
  return from.empty() || from == own_.domain() || from == own_.text() || from.starts_with(own_.text() + "/");
}

std::string_view label(Judgement judgement) {
  switch (judgement) {
    case Judgement::kBelieve:
      return "believed";
    case Judgement::kOutOfPlace:
      return "out-of-place";
    case Judgement::kForgedAnswer:
      return "forged-answer";
    case Judgement::kForgedRosterPush:
      return "forged-roster-push";
    case Judgement::kForgedCarbon:
      return "forged-carbon";
    case Judgement::kPresence:
      return "presence";
    case Judgement::kNoSender:
      return "no-sender";
  }
  fail_invariant("a Judgement without a label", __FILE__, __LINE__);
}

}  // namespace rostrum::gateway
