// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/tls.hpp"

#include <array>
#include <climits>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace rostrum::gateway {

TlsContext::TlsContext(const std::string& ca_file) : context_(SSL_CTX_new(TLS_client_method())) {
  if (context_ == nullptr) throw std::runtime_error("OpenSSL gives no TLS context");
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_file(context_, ca_file.c_str()) != 1) {
    SSL_CTX_free(context_);
    ERR_clear_error();
    throw std::runtime_error("no certificate authority can be read from " + ca_file);
  }
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

void Tls::Free::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

Tls::Tls(TlsContext& context, const std::string& expected_name, gloox::TLSHandler* handler,
         OnFailure on_failure)
    : TLSBase(handler, expected_name),
      ssl_(SSL_new(context.context_)),
      expected_name_(expected_name),
      on_failure_(std::move(on_failure)) {
  if (!ssl_) throw std::runtime_error("OpenSSL gives no TLS connection");
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl_.get(), expected_name.c_str()) != 1 ||
      SSL_set_tlsext_host_name(ssl_.get(), expected_name.c_str()) != 1)
    throw std::runtime_error("OpenSSL takes no host name " + expected_name);
  SSL_set_connect_state(ssl_.get());
}

Tls::~Tls() = default;

bool Tls::handshake() {
  return step();
}

/// One step of the handshake; true while it can still succeed.
bool Tls::step() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const int reason = SSL_get_error(ssl_.get(), result);
  flush();
  if (result == 1) {
    m_secure = true;
    m_certInfo.status = gloox::CertOk;
    m_certInfo.server = expected_name_;
    m_handler->handleHandshakeResult(this, true, m_certInfo);
    return true;
  }
  if (reason == SSL_ERROR_WANT_READ) return true;
  fail();
  return false;
}

bool Tls::encrypt(const std::string& data) {
  if (!m_secure || closed_) return false;
  for (std::size_t done = 0; done < data.size();) {
    std::size_t taken = 0;
    if (SSL_write_ex(ssl_.get(), data.data() + done, data.size() - done, &taken) != 1) {
      ERR_clear_error();
      return false;
    }
    done += taken;
  }
  flush();
  return true;
}

int Tls::decrypt(const std::string& data) {
  if (closed_ || data.size() > INT_MAX) return 0;
  const int length = static_cast<int>(data.size());
  if (BIO_write(SSL_get_rbio(ssl_.get()), data.data(), length) != length) return 0;
  if (!m_secure && !step()) return 0;
  if (m_secure) read_plain();
  return length;
}

void Tls::read_plain() {
  std::array<char, 16'384> buffer;
  while (!closed_) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count);
    flush();  // answers to key updates
    if (result == 1) {
      m_handler->handleDecryptedData(this, std::string(buffer.data(), count));
      continue;
    }
    const int reason = SSL_get_error(ssl_.get(), result);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_ZERO_RETURN) fail();
    return;
  }
}

/// Hands what OpenSSL wants to send to the connection.
void Tls::flush() {
  BIO* output = SSL_get_wbio(ssl_.get());
  while (!closed_ && BIO_pending(output) > 0) {
    std::string bytes(static_cast<std::size_t>(BIO_pending(output)), '\0');
    const int count = BIO_read(output, bytes.data(), static_cast<int>(bytes.size()));
    if (count <= 0) return;
    bytes.resize(static_cast<std::size_t>(count));
    m_handler->handleEncryptedData(this, bytes);
  }
}

void Tls::fail() {
  if (closed_) return;
  const auto reason = why();
  ERR_clear_error();
  on_failure_(reason);
  if (!m_secure) m_handler->handleHandshakeResult(this, false, m_certInfo);
}

std::string Tls::why() const {
  if (const long verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK)
    return X509_verify_cert_error_string(verdict);
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  return text != nullptr ? text : "TLS was ended by the server";
}

void Tls::cleanup() {
  closed_ = true;
}

}  // namespace rostrum::gateway
