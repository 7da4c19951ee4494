// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/registration_probe.hpp"

#include <gloox/gloox.h>
#include <gloox/tag.h>

#include "services/gateway/adapters/stanza_error.hpp"

namespace rostrum::gateway {
namespace {

constexpr Milliseconds kDeadline{10'000};

std::string stream_header(const std::string& domain) {
  return "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
         "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='" +
         domain + "'>";
}

}  // namespace

RegistrationProbe::RegistrationProbe(bus::Reactor& reactor, Random& random, TlsContext& tls,
                                     const bus::HostAndPort& server, std::string domain, OnResult on_result)
    : domain_(std::move(domain)),
      username_("rostrum-check-" + random.hex(8)),
      on_result_(std::move(on_result)),
      parser_(this),
      connection_(reactor, server, this, {},
                  {.on_trouble =
                       [this](std::string_view reason) {
                         conclude({false, false, std::string(reason)});
                       }}),
      tls_(tls, domain_, this,
           [this](const std::string& reason) {
             conclude({false, false, "TLS: " + reason});
           }),
      deadline_timer_(reactor),
      report_timer_(reactor) {
  deadline_timer_.start(kDeadline, [this] { conclude({false, false, "no answer within ten seconds"}); });
  connection_.connect();
}

void RegistrationProbe::send(const std::string& xml) {
  securing_ ? tls_.encrypt(xml) : connection_.send(xml);
}

void RegistrationProbe::open_stream() {
  send(stream_header(domain_));
}

void RegistrationProbe::handleReceivedData(const gloox::ConnectionBase*, const std::string& data) {
  securing_ ? static_cast<void>(tls_.decrypt(data)) : take(data);
}

void RegistrationProbe::take(std::string_view bytes) {
  while (!concluded_) {
    const auto piece = guard_.next(bytes);
    if (!piece) return;
    if (piece->kind == Piece::Kind::kElement) {
      auto xml = piece->xml;
      parser_.feed(xml);
    } else if (piece->kind == Piece::Kind::kEnd || piece->kind == Piece::Kind::kBroken) {
      handleDisconnect(nullptr, gloox::ConnStreamClosed);
    }
  }
}

void RegistrationProbe::handleTag(gloox::Tag* tag) {
  if (tag == nullptr) return;
  const auto& name = tag->name();
  if (name == "features" && !asked_) return on_features(*tag);
  if (name == "proceed" && !securing_) {
    securing_ = true;
    tls_.handshake();
  } else if (name == "error" && asked_) {
    conclude({true, true, "the server ended the stranger's stream"});
  } else if (name == "iq" && asked_) {
    const bool refused = tag->findAttribute("type") == "error";
    conclude({true, refused,
              refused ? "refused: " + read_stanza_error(*tag).condition
                      : "a stranger could register: remove the account " + username_ + "@" + domain_});
  }
}

void RegistrationProbe::on_features(const gloox::Tag& features) {
  if (!securing_) {
    if (!features.hasChild("starttls")) return conclude({false, false, "the server offers no TLS"});
    return send("<starttls xmlns='" + gloox::XMLNS_STREAM_TLS + "'/>");
  }
  asked_ = true;
  send("<iq type='set' id='register' to='" + domain_ + "'><query xmlns='jabber:iq:register'><username>" +
       username_ + "</username><password>" + username_ + "</password></query></iq>");
}

void RegistrationProbe::handleHandshakeResult(const gloox::TLSBase*, bool success, gloox::CertInfo&) {
  if (success) open_stream();
}

void RegistrationProbe::handleDisconnect(const gloox::ConnectionBase*, gloox::ConnectionError) {
  // Some servers end the stream of whoever sends anything before logging in.
  conclude({asked_, asked_,
            asked_ ? "the server closed the stranger's stream"
                   : "the server closed the stream before it could be asked"});
}

void RegistrationProbe::conclude(ProbeResult result) {
  if (concluded_) return;
  concluded_ = true;
  result_ = std::move(result);
  report_timer_.start(Milliseconds{0}, [this] {
    connection_.disconnect();
    on_result_(result_);
  });
}

}  // namespace rostrum::gateway
