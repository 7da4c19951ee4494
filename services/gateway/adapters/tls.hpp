// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gloox/tlsbase.h>

struct ssl_ctx_st;
struct ssl_st;

namespace rostrum::gateway {

/// What all streams of this process share: TLS 1.2 or later, and the authorities whose word is taken for the
/// server's name.
class TlsContext {
 public:
  /// Throws std::runtime_error naming the file when no certificate can be read from it.
  explicit TlsContext(const std::string& ca_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class Tls;
  ssl_ctx_st* context_;
};

/// gloox's encryption over OpenSSL in memory: bytes in, bytes out. The certificate must be good, of our
/// authority, and for the expected name; otherwise the handshake fails. gloox's own one verifies nothing of
/// what it is told to and frees twice when a handshake fails.
class Tls final : public gloox::TLSBase {
 public:
  /// `on_failure` hears why, for the log; gloox hears of a failed handshake only.
  using OnFailure = std::function<void(const std::string& reason)>;
  Tls(TlsContext& context, const std::string& expected_name, gloox::TLSHandler* handler,
      OnFailure on_failure);
  ~Tls() override;

  bool init(const std::string&, const std::string&, const gloox::StringList&) override { return true; }
  bool handshake() override;
  bool encrypt(const std::string& data) override;
  int decrypt(const std::string& data) override;
  /// No more of this is handed on; what OpenSSL holds goes with the object, which may be inside decrypt()
  /// now.
  void cleanup() override;
  void setCACerts(const gloox::StringList&) override {}
  void setClientCert(const std::string&, const std::string&) override {}

 private:
  bool step();
  void read_plain();
  void flush();
  void fail();
  [[nodiscard]] std::string why() const;

  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  std::unique_ptr<ssl_st, Free> ssl_;
  std::string expected_name_;
  OnFailure on_failure_;
  bool closed_ = false;
};

}  // namespace rostrum::gateway
