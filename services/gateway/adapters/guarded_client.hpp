// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <gloox/client.h>

#include "common/base/jid.hpp"
#include "services/gateway/core/reconnect.hpp"
#include "services/gateway/core/stanza_guard.hpp"
#include "services/gateway/core/stream_rules.hpp"

namespace rostrum::gateway {

/// gloox's client behind our guard: bytes are cut and checked before its parser, elements are judged before
/// anything believes them. SCRAM only, TLS always, no roster of gloox's, an initial presence of `unavailable`
/// (which disturbs nobody). One object for one connection; never to be destroyed within one of its own calls.
class GuardedClient final : public gloox::Client {
 public:
  struct Handlers {
    std::function<void()> on_heard;                             ///< bytes came
    std::function<void(const gloox::Tag& message)> on_message;  ///< believed
    std::function<void(const gloox::Tag& iq)> on_answer;    ///< to a request that was announced by expect()
    std::function<void(std::uint32_t handled)> on_handled;  ///< XEP-0198 <a h=…/>
    std::function<void(StreamLoss, const std::string& why)>
        on_loss;  ///< the server did what it must not; gloox was not told
    std::function<void(StanzaFault)> on_hollow;
    std::function<void(Judgement)> on_disbelieved;
    /// Only where the session takes presence: believed as far as the stream goes, from whomever; and what the
    /// server says of our roster.
    std::function<void(const gloox::Tag& presence)> on_presence = [](const gloox::Tag&) {};
    std::function<void(const gloox::Tag& iq)> on_roster_push = [](const gloox::Tag&) {};
  };
  struct Conduct {
    bool stream_management;
    bool takes_presence;
  };
  GuardedClient(const Jid& account, std::string_view password, const std::string& resource, Conduct conduct,
                StanzaLimits limits, Handlers handlers);

  /// After binding: from now on only our own requests are answered.
  void enter_online() { rules_.enter(StreamPhase::kOnline); }
  void expect(std::string id, std::string from) { rules_.expect(std::move(id), std::move(from)); }
  void forget(const std::string& id, const std::string& from) { rules_.forget(id, from); }

  /// Our half of it (RFC 6120 §4.4); the server is told first how much of its own has come.
  void end_stream();

  /// Whether XEP-0198 is on; then stanzas_sent() counts as the server does.
  [[nodiscard]] bool stream_management() const { return m_smContext >= CtxSMEnabled; }
  [[nodiscard]] std::uint32_t stanzas_sent() const { return static_cast<std::uint32_t>(stanzasSent()); }
  /// The server offered XEP-0198 and then refused it.
  [[nodiscard]] bool stream_management_refused() const { return m_smContext == CtxSMFailed; }

  void handleReceivedData(const gloox::ConnectionBase* connection, const std::string& data) override;
  void handleDecryptedData(const gloox::TLSBase* tls, const std::string& data) override;
  void handleHandshakeResult(const gloox::TLSBase* tls, bool success, gloox::CertInfo& certificate) override;
  void handleTag(gloox::Tag* tag) override;

 private:
  void take(std::string_view bytes);
  void hand_on(const Piece& piece);
  void believe(gloox::Tag* tag);
  void take_roster_push(const gloox::Tag& push);
  void hand_on_hollow(const gloox::Tag& tag);
  void lose(StreamLoss loss, const std::string& why);

  Handlers handlers_;
  StanzaGuard guard_;
  StreamRules rules_;
  bool takes_presence_;
  bool lost_ = false;
};

}  // namespace rostrum::gateway
