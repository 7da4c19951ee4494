// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include <gloox/connectiondatahandler.h>
#include <gloox/parser.h>
#include <gloox/taghandler.h>
#include <gloox/tlshandler.h>

#include "common/base/random.hpp"
#include "services/gateway/adapters/connection.hpp"
#include "services/gateway/adapters/tls.hpp"
#include "services/gateway/core/stanza_guard.hpp"

namespace rostrum::gateway {

/// What a stranger met.
struct ProbeResult {
  bool reached;  ///< false: no verdict; `detail` says how far it came
  bool closed;   ///< registration was refused
  std::string detail;
};

/// Does what a stranger would do: opens a stream of its own, secures it, and tries to register an account
/// (XEP-0077 §3.1) without logging in. Reports once, from the reactor; never to be destroyed from within its
/// report.
class RegistrationProbe final : private gloox::ConnectionDataHandler,
                                private gloox::TLSHandler,
                                private gloox::TagHandler {
 public:
  using OnResult = std::function<void(ProbeResult)>;
  RegistrationProbe(bus::Reactor& reactor, Random& random, TlsContext& tls, const bus::HostAndPort& server,
                    std::string domain, OnResult on_result);

 private:
  void send(const std::string& xml);
  void open_stream();
  void take(std::string_view bytes);
  void conclude(ProbeResult result);
  void on_features(const gloox::Tag& features);

  void handleReceivedData(const gloox::ConnectionBase*, const std::string& data) override;
  void handleConnect(const gloox::ConnectionBase*) override { open_stream(); }
  void handleDisconnect(const gloox::ConnectionBase*, gloox::ConnectionError) override;
  void handleEncryptedData(const gloox::TLSBase*, const std::string& data) override {
    connection_.send(data);
  }
  void handleDecryptedData(const gloox::TLSBase*, const std::string& data) override { take(data); }
  void handleHandshakeResult(const gloox::TLSBase*, bool success, gloox::CertInfo&) override;
  void handleTag(gloox::Tag* tag) override;

  std::string domain_;
  std::string username_;
  OnResult on_result_;
  bool securing_ = false;
  bool asked_ = false;
  bool concluded_ = false;
  ProbeResult result_{};
  StanzaGuard guard_;
  gloox::Parser parser_;
  Connection connection_;
  Tls tls_;
  bus::Timer deadline_timer_;
  bus::Timer report_timer_;
};

}  // namespace rostrum::gateway
