// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/guarded_client.hpp"

#include <charconv>

#include <gloox/disco.h>
#include <gloox/iq.h>
#include <gloox/tag.h>

namespace rostrum::gateway {
namespace {

/// The header in gloox's words; of the server's own only its being there matters.
constexpr const char* kHeader =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

bool is_answer(const gloox::Tag& tag) {
  const auto& type = tag.findAttribute("type");
  return tag.name() == "iq" && (type == "result" || type == "error");
}

bool is_roster_push(const gloox::Tag& tag) {
  return tag.name() == "iq" && tag.findAttribute("type") == "set" &&
         tag.findChild("query", "xmlns", gloox::XMLNS_ROSTER) != nullptr;
}

bool is_stanza(const gloox::Tag& tag) {
  return tag.name() == "iq" || tag.name() == "message" || tag.name() == "presence";
}

/// Features that would make gloox fall back to something weaker: it takes XEP-0078 for granted when a server
/// offers nothing that it knows.
bool lacks_scram(const gloox::Tag& features) {
  const auto* mechanisms = features.findChild("mechanisms", "xmlns", gloox::XMLNS_STREAM_SASL);
  return mechanisms == nullptr || !mechanisms->hasChildWithCData("mechanism", "SCRAM-SHA-1");
}

}  // namespace

GuardedClient::GuardedClient(const Jid& account, std::string_view password, const std::string& resource,
                             Conduct conduct, StanzaLimits limits, Handlers handlers)
    : Client(gloox::JID(account.text() + "/" + resource), std::string(password)),
      handlers_(std::move(handlers)),
      guard_(limits),
      rules_(account, conduct.takes_presence),
      takes_presence_(conduct.takes_presence) {
  setTls(gloox::TLSRequired);
  setCompression(false);
  // The -PLUS bit stays in though TLS 1.3 has no channel binding of its kind: without it gloox claims that we
  // cannot bind at all, and Prosody refuses.
  setSASLMechanisms(gloox::SaslMechScramSha1 | gloox::SaslMechScramSha1Plus);
  presence().setPresence(gloox::Presence::Unavailable);
  disableRoster();
  disco()->setVersion("Rostrum", "", "");  // gloox would tell everybody which library and system this is
  // Acknowledgement only: resuming works once and then hangs.
  if (conduct.stream_management) setStreamManagement(true, false);
}

void GuardedClient::end_stream() {
  ackStreamManagement();
  ClientBase::send(std::string("</stream:stream>"));
}

void GuardedClient::handleReceivedData(const gloox::ConnectionBase* connection, const std::string& data) {
  handlers_.on_heard();
  if (m_encryptionActive) return Client::handleReceivedData(connection, data);
  take(data);
}

void GuardedClient::handleDecryptedData(const gloox::TLSBase*, const std::string& data) {
  take(data);
}

void GuardedClient::handleHandshakeResult(const gloox::TLSBase* tls, bool success,
                                          gloox::CertInfo& certificate) {
  if (success) rules_.enter(StreamPhase::kSecured);
  Client::handleHandshakeResult(tls, success, certificate);
}

void GuardedClient::take(std::string_view bytes) {
  const bool was_plain = !m_encryptionActive;
  while (!lost_) {
    const auto piece = guard_.next(bytes);
    if (!piece) return;
    hand_on(*piece);
    // RFC 6120 §5.4.3.3: nothing may follow <proceed/> but the handshake; what does was put there by somebody
    // else.
    if (was_plain && m_encryptionActive && !bytes.empty())
      return lose(StreamLoss::kNotSecure, "plaintext-after-proceed");
  }
}

void GuardedClient::hand_on(const Piece& piece) {
  switch (piece.kind) {
    case Piece::Kind::kHeader:
      return Client::handleDecompressedData(kHeader);
    case Piece::Kind::kElement:
      return Client::handleDecompressedData(piece.xml);
    case Piece::Kind::kHollow:
      handlers_.on_hollow(*piece.fault);
      return Client::handleDecompressedData(piece.xml);
    case Piece::Kind::kEnd:
      return lose(StreamLoss::kClosed, "stream-closed");
    case Piece::Kind::kBroken:
      return lose(StreamLoss::kProtocol, std::string(label(*piece.fault)));
  }
}

void GuardedClient::handleTag(gloox::Tag* tag) {
  if (tag == nullptr) return lose(StreamLoss::kClosed, "stream-closed");
  const auto xmlns = tag->xmlns();
  Incoming incoming{
      tag->name(), xmlns, tag->findAttribute("type"), tag->findAttribute("id"), tag->findAttribute("from"),
      {}};
  std::list<std::string> namespaces;  // xmlns() returns copies
  for (const auto* child : tag->children())
    incoming.children.push_back({child->name(), namespaces.emplace_back(child->xmlns())});
  const auto judgement = rules_.judge(incoming);
  if (judgement == Judgement::kBelieve) return believe(tag);
  handlers_.on_disbelieved(judgement);
  hand_on_hollow(*tag);
}

void GuardedClient::believe(gloox::Tag* tag) {
  if (tag->name() == "features" && rules_.phase() == StreamPhase::kSecured && lacks_scram(*tag))
    return lose(StreamLoss::kNotAuthentic, "the server offers no SCRAM-SHA-1");
  if (tag->name() == "message") {
    handlers_.on_message(*tag);
    return hand_on_hollow(*tag);
  }
  if (rules_.phase() == StreamPhase::kOnline && is_answer(*tag)) {
    handlers_.on_answer(*tag);
    return hand_on_hollow(*tag);
  }
  if (tag->name() == "presence") {
    handlers_.on_presence(*tag);
    return hand_on_hollow(*tag);
  }
  if (takes_presence_ && rules_.phase() == StreamPhase::kOnline && is_roster_push(*tag))
    return take_roster_push(*tag);
  const bool is_handled = tag->name() == "a" && stream_management();
  Client::handleTag(tag);
  if (rules_.phase() == StreamPhase::kSecured && authed()) rules_.enter(StreamPhase::kAuthenticated);
  if (is_handled) {
    const auto& text = tag->findAttribute("h");
    std::uint32_t handled = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), handled);
    if (error == std::errc{} && end == text.data() + text.size()) handlers_.on_handled(handled);
  }
}

/// RFC 6121 §2.1.6: answered, also when the item means nothing to us.
void GuardedClient::take_roster_push(const gloox::Tag& push) {
  handlers_.on_roster_push(push);
  send(gloox::IQ(gloox::IQ::Result, gloox::JID(), push.findAttribute("id")));
  hand_on_hollow(push);
}

/// gloox counts the stanza (XEP-0198 §4) and sees nothing else of it.
void GuardedClient::hand_on_hollow(const gloox::Tag& tag) {
  if (!is_stanza(tag)) return;
  gloox::Tag hollow(tag.name());
  if (tag.name() == "iq") hollow.addAttribute("type", "result");
  Client::handleTag(&hollow);
}

void GuardedClient::lose(StreamLoss loss, const std::string& why) {
  if (lost_) return;
  lost_ = true;
  handlers_.on_loss(loss, why);
}

}  // namespace rostrum::gateway
