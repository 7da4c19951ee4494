// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <gloox/connectionlistener.h>
#include <gloox/iq.h>

#include "common/base/random.hpp"
#include "common/base/secret.hpp"
#include "common/log/log.hpp"
#include "services/gateway/adapters/connection.hpp"
#include "services/gateway/adapters/guarded_client.hpp"
#include "services/gateway/adapters/session_metrics.hpp"
#include "services/gateway/adapters/tls.hpp"
#include "services/gateway/core/sender.hpp"

namespace rostrum::gateway {

struct SessionSettings {
  std::string name;  ///< "sender", "door" or "presence": in logs, metrics and the resource
  Jid account;
  Secret password;
  bus::HostAndPort server;
  bool stream_management;
  StreamTimes times;
  StanzaLimits stanza_limits;
  OutputLimits output_limits;
  bool takes_presence = false;  ///< others' presence and roster pushes are handed on
};

/// What a session uses of its surroundings; all of it outlives the session.
struct SessionTools {
  bus::Reactor& reactor;
  Random& random;
  log::Log& log;
  metrics::Registry& registry;
  TlsContext& tls;
};

/// Keeps one stream to the Jabber server: a new connection, encryption and client for every attempt, a
/// deadline for every step, a pause between attempts. The resource is chosen once, so that what members
/// answer finds us after a reconnect. Belongs to the reactor's thread; handlers may do anything but destroy
/// it.
class Session final : private gloox::ConnectionListener {
 public:
  struct Handlers {
    std::function<void()> on_online = [] {};
    std::function<void(const std::string& why)> on_offline = [](const std::string&) {
    };  ///< was online, or an attempt failed
    std::function<void(const gloox::Tag& message)> on_message = [](const gloox::Tag&) {};
    std::function<void(std::uint64_t barrier)> on_barrier = [](std::uint64_t) {};
    std::function<void()> on_room = [] {};
    std::function<void(const gloox::Tag& presence)> on_presence = [](const gloox::Tag&) {};
    std::function<void(const gloox::Tag& iq)> on_roster_push = [](const gloox::Tag&) {};
  };
  /// Gets the <iq/> that answers; of type result or error.
  using OnAnswer = std::function<void(const gloox::Tag& iq)>;

  Session(SessionTools tools, SessionSettings settings, Handlers handlers);
  ~Session() override;

  void start();
  /// Ends the stream in order and does not come back. What the server had sent until it heard of it is still
  /// handed on; closed() when it has ended it too, or after two seconds.
  void stop();
  [[nodiscard]] bool closed() const { return stopped_ && client_ == nullptr; }
  /// Ends this stream; the next attempt follows, unless it was stopped.
  void give_up(StreamLoss loss, const std::string& why);

  [[nodiscard]] bool online() const {
    return reconnect_.step() == StreamStep::kOnline && !lost_ && !stopped_;
  }
  [[nodiscard]] bool writable() const { return connection_ != nullptr && connection_->writable(); }

  void send(const OutgoingMessage& message);
  /// Asks the server itself; the answer is never called if the stream is lost before.
  void request(gloox::IQ::IqType type, std::unique_ptr<gloox::Tag> payload, OnAnswer on_answer);
  /// Asks our own account, for what the server keeps for it.
  void request_of_account(gloox::IQ::IqType type, std::unique_ptr<gloox::Tag> payload, OnAnswer on_answer);
  /// From now on we are there for others (RFC 6121 §4.2), with priority 0.
  void send_available();
  /// on_barrier(number) follows when the server has handled all that was sent before.
  void ask_barrier(std::uint64_t number);

 private:
  struct Barrier {
    std::uint64_t number;
    std::uint32_t stanzas;
  };

  void request_from(const std::string& address, gloox::IQ::IqType type, std::unique_ptr<gloox::Tag> payload,
                    OnAnswer on_answer);
  void connect();
  void pulse();
  void bury();
  void ping(std::function<void()> on_pong);
  void reached(StreamStep step);
  void handled(std::uint32_t stanzas);
  void answered(const gloox::Tag& iq);
  [[nodiscard]] GuardedClient::Handlers client_handlers();

  void onConnect() override;
  void onDisconnect(gloox::ConnectionError error) override;
  void onResourceBindError(const gloox::Error* error) override;
  void onSessionCreateError(const gloox::Error* error) override;
  bool onTLSConnect(const gloox::CertInfo&) override { return true; }  // Tls has looked already
  void onStreamEvent(gloox::StreamEvent event) override;

  SessionTools tools_;
  SessionSettings settings_;
  Handlers handlers_;
  SessionMetrics metrics_;
  Reconnect reconnect_;
  std::string resource_;
  bool stream_management_;
  std::unique_ptr<GuardedClient> client_;
  Connection* connection_ = nullptr;  // client_ owns it
  bool lost_ = false;                 // between a loss and the funeral of its client
  bool stopped_ = false;
  std::string why_;
  std::string tls_trouble_;
  std::map<std::string, OnAnswer> requests_;
  std::deque<Barrier> barriers_;
  bus::Timer pulse_timer_;
  bus::Timer funeral_timer_;
};

}  // namespace rostrum::gateway
