// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/session.hpp"

#include <algorithm>
#include <utility>

#include <gloox/message.h>
#include <gloox/receipt.h>

#include "services/gateway/adapters/gloox_errors.hpp"
#include "services/gateway/adapters/payload.hpp"

namespace rostrum::gateway {
Session::Session(SessionTools tools, SessionSettings settings, Handlers handlers)
    : tools_(tools),
      settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      metrics_(tools.registry, settings_.name),
      reconnect_(settings_.times),
      resource_("rostrum-" + settings_.name + "-" + tools.random.hex(8)),
      stream_management_(settings_.stream_management),
      pulse_timer_(tools.reactor),
      funeral_timer_(tools.reactor) {}

Session::~Session() = default;

void Session::start() {
  reconnect_.start(tools_.reactor.clock().mono());
  pulse();
}

/// RFC 6120 §4.4: whoever ends the stream goes on reading until the other side ends it too. A member's
/// receipt may be on its way; one that comes later, the server takes to another of the account's sessions or
/// keeps.
void Session::stop() {
  if (std::exchange(stopped_, true)) return;
  metrics_.online(false);
  pulse_timer_.stop();
  if (client_ == nullptr || lost_) return;
  if (reconnect_.step() < StreamStep::kProving) return give_up(StreamLoss::kClosed, "stopping");
  client_->end_stream();
  connection_->end_output();
  constexpr Milliseconds kLongestFarewell{2'000};
  pulse_timer_.start(kLongestFarewell, [this] { give_up(StreamLoss::kSilent, "stopping"); });
}

/// Does what is due and sets the clock for what comes next.
void Session::pulse() {
  if (stopped_ || lost_) return;
  const auto now = tools_.reactor.clock().mono();
  switch (reconnect_.tick(now)) {
    case Reconnect::Action::kNothing:
      break;
    case Reconnect::Action::kConnect:
      connect();
      break;
    case Reconnect::Action::kPing:
      ping([] {});
      break;  // that anything comes back is enough
    case Reconnect::Action::kGiveUp:
      return give_up(StreamLoss::kSilent,
                     std::string("silent-while-") + std::string(label(reconnect_.step())));
  }
  constexpr Milliseconds kLongest{1'000};
  const auto pause = std::chrono::ceil<Milliseconds>(reconnect_.next() - now);
  pulse_timer_.start(std::clamp(pause, Milliseconds{1}, kLongest), [this] { pulse(); });
  if (connection_ != nullptr) metrics_.output_bytes(connection_->output_bytes());
}

void Session::connect() {
  tools_.log.debug("stream_opening", {{"session", settings_.name}});
  tls_trouble_.clear();
  client_ =
      std::make_unique<GuardedClient>(settings_.account, settings_.password.reveal(), resource_,
                                      GuardedClient::Conduct{stream_management_, settings_.takes_presence},
                                      settings_.stanza_limits, client_handlers());
  client_->registerConnectionListener(this);
  connection_ =
      new Connection(tools_.reactor, settings_.server, client_.get(), settings_.output_limits,
                     {.on_room =
                          [this] {
                            if (online()) handlers_.on_room();
                          },
                      .on_trouble =
                          [this](std::string_view reason) {
                            give_up(reason == "overflow" ? StreamLoss::kOverflow : StreamLoss::kUnreachable,
                                    std::string(reason));
                          }});
  client_->setConnectionImpl(connection_);
  client_->setEncryptionImpl(new Tls(tools_.tls, std::string(settings_.account.domain()), client_.get(),
                                     [this](const std::string& reason) {
                                       tls_trouble_ = reason;
                                       if (reconnect_.step() > StreamStep::kSecuring)
                                         give_up(StreamLoss::kDropped, reason);
                                     }));
  client_->connect(false);
}

GuardedClient::Handlers Session::client_handlers() {
  return {
      .on_heard = [this] { reconnect_.heard(tools_.reactor.clock().mono()); },
      .on_message =
          [this](const gloox::Tag& message) {
            metrics_.received();
            handlers_.on_message(message);
          },
      .on_answer =
          [this](const gloox::Tag& iq) {
            metrics_.received();
            answered(iq);
          },
      .on_handled = [this](std::uint32_t stanzas) { handled(stanzas); },
      .on_loss = [this](StreamLoss loss, const std::string& why) { give_up(loss, why); },
      .on_hollow = [this](StanzaFault fault) { metrics_.hollow(fault); },
      .on_disbelieved =
          [this](Judgement judgement) {
            metrics_.disbelieved(judgement);
            tools_.log.debug("stanza_disbelieved", {{"session", settings_.name}, {"rule", label(judgement)}});
          },
      .on_presence =
          [this](const gloox::Tag& presence) {
            metrics_.received();
            handlers_.on_presence(presence);
          },
      .on_roster_push =
          [this](const gloox::Tag& iq) {
            metrics_.received();
            handlers_.on_roster_push(iq);
          }};
}

void Session::give_up(StreamLoss loss, const std::string& why) {
  if (lost_ || client_ == nullptr) return;
  lost_ = true;
  why_ = why;
  // The client may be further up on the stack.
  funeral_timer_.start(Milliseconds{0}, [this] { bury(); });
  if (stopped_) return;
  metrics_.online(false);
  metrics_.lost(loss);
  if (client_->stream_management_refused()) stream_management_ = false;
  // Somebody else speaks under our name: not to be fought over the same resource.
  if (loss == StreamLoss::kConflict) resource_ = "rostrum-" + settings_.name + "-" + tools_.random.hex(8);
  const auto step = label(reconnect_.step());
  const auto pause = reconnect_.lost(loss, tools_.reactor.clock().mono(), tools_.random);
  const bool needs_somebody =
      loss == StreamLoss::kConflict || loss == StreamLoss::kNotAuthentic || loss == StreamLoss::kNotSecure;
  const std::initializer_list<log::Field> fields = {{"session", settings_.name},
                                                    {"reason", label(loss)},
                                                    {"detail", why},
                                                    {"step", step},
                                                    {"again_in_ms", pause.count()}};
  needs_somebody ? tools_.log.error("stream_lost", fields) : tools_.log.warning("stream_lost", fields);
}

void Session::bury() {
  if (client_) client_->disconnect();
  client_.reset();
  connection_ = nullptr;
  requests_.clear();
  barriers_.clear();
  lost_ = false;
  handlers_.on_offline(why_);
  pulse();
}

void Session::reached(StreamStep step) {
  if (!lost_) reconnect_.reached(step, tools_.reactor.clock().mono());
}

void Session::onStreamEvent(gloox::StreamEvent event) {
  if (event == gloox::StreamEventEncryption) reached(StreamStep::kSecuring);
  if (event == gloox::StreamEventAuthentication) reached(StreamStep::kAuthenticating);
  if (event == gloox::StreamEventResourceBinding) reached(StreamStep::kBinding);
}

void Session::onConnect() {
  client_->enter_online();
  reached(StreamStep::kProving);
  ping([this] {
    if (stopped_) return;
    reached(StreamStep::kOnline);
    metrics_.online(true);
    tools_.log.info("stream_opened", {{"session", settings_.name},
                                      {"account", settings_.account.text()},
                                      {"stream_management", client_->stream_management()}});
    handlers_.on_online();
  });
}

void Session::onDisconnect(gloox::ConnectionError error) {
  if (lost_) return;
  const auto loss = loss_of(error, *client_);
  auto why = tls_trouble_;
  if (why.empty()) why = client_->streamErrorText();
  if (why.empty()) why = describe_loss(error, *client_);
  give_up(loss, why);
}

void Session::onResourceBindError(const gloox::Error*) {
  give_up(StreamLoss::kProtocol, "bind-refused");
}
void Session::onSessionCreateError(const gloox::Error*) {
  give_up(StreamLoss::kProtocol, "session-refused");
}

void Session::send(const OutgoingMessage& message) {
  if (client_ == nullptr || lost_) return;
  gloox::Message stanza(gloox::Message::Chat, gloox::JID(message.to.text()), message.body, message.subject);
  stanza.setID(message.stanza_id);
  stanza.addExtension(new gloox::Receipt(gloox::Receipt::Request));
  stanza.addExtension(
      new Payload("store", "urn:xmpp:hints"));  // XEP-0334 §3.3: a member who is away wants to find it later
  metrics_.sent();
  client_->gloox::ClientBase::send(stanza);
}

void Session::send_available() {
  if (client_ == nullptr || lost_) return;
  auto presence = std::make_unique<gloox::Tag>("presence");
  new gloox::Tag(presence.get(), "priority", "0");
  metrics_.sent();
  client_->gloox::ClientBase::send(presence.release());
}

void Session::request(gloox::IQ::IqType type, std::unique_ptr<gloox::Tag> payload, OnAnswer on_answer) {
  request_from(std::string(settings_.account.domain()), type, std::move(payload), std::move(on_answer));
}

void Session::request_of_account(gloox::IQ::IqType type, std::unique_ptr<gloox::Tag> payload,
                                 OnAnswer on_answer) {
  request_from(settings_.account.text(), type, std::move(payload), std::move(on_answer));
}

void Session::request_from(const std::string& address, gloox::IQ::IqType type,
                           std::unique_ptr<gloox::Tag> payload, OnAnswer on_answer) {
  if (client_ == nullptr || lost_) return;
  const auto id = tools_.random.hex(16);
  client_->expect(id, address);
  requests_.emplace(id, std::move(on_answer));
  gloox::IQ iq(type, gloox::JID(address), id);
  iq.addExtension(new Payload(std::move(payload)));
  metrics_.sent();
  client_->gloox::ClientBase::send(iq);
}

void Session::answered(const gloox::Tag& iq) {
  auto node = requests_.extract(iq.findAttribute("id"));
  if (!node.empty()) node.mapped()(iq);
}

/// XEP-0199; a server that does not know it answers too.
void Session::ping(std::function<void()> on_pong) {
  request(gloox::IQ::Get, std::make_unique<gloox::Tag>("ping", gloox::XMLNS, gloox::XMLNS_XMPP_PING),
          [pong = std::move(on_pong)](const gloox::Tag&) { pong(); });
}

void Session::ask_barrier(std::uint64_t number) {
  if (client_ == nullptr || lost_) return;
  if (!client_->stream_management()) return ping([this, number] { handlers_.on_barrier(number); });
  barriers_.push_back({number, client_->stanzas_sent()});
  client_->reqStreamManagement();
}

void Session::handled(std::uint32_t stanzas) {
  while (!barriers_.empty() && barriers_.front().stanzas <= stanzas) {
    const auto number = barriers_.front().number;
    barriers_.pop_front();
    handlers_.on_barrier(number);
  }
}

}  // namespace rostrum::gateway
