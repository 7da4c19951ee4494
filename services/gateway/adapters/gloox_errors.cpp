// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/gloox_errors.hpp"

namespace rostrum::gateway {

StreamLoss loss_of(gloox::ConnectionError error, const gloox::Client& client) {
  switch (error) {
    case gloox::ConnStreamError:
      return client.streamError() == gloox::StreamErrorConflict ? StreamLoss::kConflict : StreamLoss::kClosed;
    case gloox::ConnStreamVersionError:
    case gloox::ConnParseError:
      return StreamLoss::kProtocol;
    case gloox::ConnNoSupportedAuth:
      return StreamLoss::kNotAuthentic;
    case gloox::ConnAuthenticationFailed:
      return client.authError() == gloox::SaslTemporaryAuthFailure ? StreamLoss::kClosed
                                                                   : StreamLoss::kNotAuthentic;
    case gloox::ConnTlsFailed:
    case gloox::ConnTlsNotAvailable:
      return StreamLoss::kNotSecure;
    default:
      return StreamLoss::kDropped;
  }
}

std::string describe_loss(gloox::ConnectionError error, const gloox::Client& client) {
  switch (error) {
    case gloox::ConnStreamError:
      return "stream-error-" + std::to_string(client.streamError());
    case gloox::ConnStreamClosed:
      return "closed-by-server";
    case gloox::ConnIoError:
      return "connection-broken";
    case gloox::ConnParseError:
      return "not-well-formed";
    case gloox::ConnNoSupportedAuth:
      return "no-supported-mechanism";
    case gloox::ConnTlsFailed:
      return "tls-failed";
    case gloox::ConnTlsNotAvailable:
      return "tls-not-offered";
    case gloox::ConnAuthenticationFailed:
      return client.authError() == gloox::SaslNotAuthorized ? "wrong-password" : "authentication-failed";
    default:
      return "gloox-error-" + std::to_string(error);
  }
}

}  // namespace rostrum::gateway
