// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/jabber/conversation.hpp"

#include <array>
#include <chrono>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/jabber/scram_server.hpp"

namespace rostrum::test {
namespace {

constexpr std::string_view kHeader =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='1' "
    "from='example.org' version='1.0'>";
constexpr auto kPatience = std::chrono::seconds(10);

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
Bio memory(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

}  // namespace

Conversation::Conversation(int descriptor, const std::atomic<bool>& over)
    : descriptor_(descriptor), over_(over) {
  fcntl(descriptor_, F_SETFL, O_NONBLOCK);
}

Conversation::~Conversation() {
  close(descriptor_);
}

void Conversation::FreeContext::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void Conversation::Free::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

void Conversation::wait_for(short events) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!over_ && std::chrono::steady_clock::now() < end) {
    pollfd watched{descriptor_, events, 0};
    if (poll(&watched, 1, 50) > 0) return;
  }
  throw ConversationEnded("nothing happens");
}

void Conversation::says(std::string_view xml) {
  while (!xml.empty()) {
    const auto count = ssl_ ? SSL_write(ssl_.get(), xml.data(), static_cast<int>(xml.size()))
                            : static_cast<int>(send(descriptor_, xml.data(), xml.size(), MSG_NOSIGNAL));
    if (count > 0) {
      xml.remove_prefix(static_cast<std::size_t>(count));
    } else if (ssl_ ? SSL_get_error(ssl_.get(), count) == SSL_ERROR_WANT_WRITE : errno == EAGAIN) {
      wait_for(POLLOUT);
    } else {
      throw ConversationEnded("the client is gone");
    }
  }
}

/// Takes in whatever comes next.
void Conversation::fill() {
  std::array<char, 16'384> buffer{};
  for (;;) {
    ERR_clear_error();
    const auto count = ssl_ ? SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))
                            : static_cast<int>(recv(descriptor_, buffer.data(), buffer.size(), 0));
    if (count > 0) {
      heard_.append(buffer.data(), static_cast<std::size_t>(count));
      transcript_.append(buffer.data(), static_cast<std::size_t>(count));
      return;
    }
    const bool again =
        ssl_ ? SSL_get_error(ssl_.get(), count) == SSL_ERROR_WANT_READ : count < 0 && errno == EAGAIN;
    if (!again) throw ConversationEnded("the client is gone");
    wait_for(POLLIN);
  }
}

std::string Conversation::hears(std::string_view words) {
  for (;;) {
    if (const auto at = heard_.find(words); at != std::string::npos) {
      auto result = heard_.substr(0, at + words.size());
      heard_.erase(0, at + words.size());
      return result;
    }
    fill();
  }
}

std::string Conversation::hears_tag(std::string_view name) {
  hears("<" + std::string(name));
  return hears(">");
}

void Conversation::waits(bool reading) {
  while (!over_) {
    if (reading) {
      fill();
    } else {
      poll(nullptr, 0, 50);
    }
  }
  throw ConversationEnded("the test is over");
}

void Conversation::opens_stream(std::string_view features) {
  hears_tag("stream:stream");
  says(std::string(kHeader) + "<stream:features>" + std::string(features) + "</stream:features>");
}

void Conversation::secures(const Certificate& certificate) {
  context_.reset(SSL_CTX_new(TLS_server_method()));
  X509* leaf = PEM_read_bio_X509(memory(certificate.certificate).get(), nullptr, nullptr, nullptr);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(memory(certificate.key).get(), nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context_.get(), leaf);
  SSL_CTX_use_PrivateKey(context_.get(), key);
  X509_free(leaf);
  EVP_PKEY_free(key);
  begins_tls(SSL_accept);
}

void Conversation::secures_as_client() {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  begins_tls(SSL_connect);
}

void Conversation::begins_tls(int (*handshake)(ssl_st*)) {
  std::unique_ptr<ssl_st, Free> ssl(SSL_new(context_.get()));
  SSL_set_fd(ssl.get(), descriptor_);
  SSL_set_mode(ssl.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  for (int result = handshake(ssl.get()); result != 1; result = handshake(ssl.get())) {
    if (SSL_get_error(ssl.get(), result) != SSL_ERROR_WANT_READ) {
      ERR_clear_error();
      throw ConversationEnded("the other side refused the handshake");
    }
    wait_for(POLLIN);
  }
  ssl_ = std::move(ssl);
  heard_.clear();
}

void Conversation::begins_secured(const Certificate& certificate) {
  opens_stream("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>");
  hears_tag("starttls");
  says("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  secures(certificate);
}

void Conversation::authenticates(const std::string& password) {
  opens_stream(
      "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>");
  ScramServer scram(password);
  const auto content = [this](std::string_view name) {
    hears_tag(name);
    auto text = hears("<");
    text.pop_back();
    return text;
  };
  says("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + scram.challenge(content("auth")) +
       "</challenge>");
  says("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + scram.success(content("response")) +
       "</success>");
}

void Conversation::binds(bool stream_management) {
  binds_resource(stream_management);
  if (stream_management) {
    hears_tag("enable");
    says("<enabled xmlns='urn:xmpp:sm:3'/>");
  }
  answers_first_ping();
}

void Conversation::binds_but_refuses_stream_management() {
  binds_resource(true);
  if (hears_tag("").starts_with("enable")) says("<failed xmlns='urn:xmpp:sm:3'/>");
  answers_first_ping();
}

void Conversation::binds_resource(bool offers_stream_management) {
  opens_stream(std::string("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>") +
               (offers_stream_management ? "<sm xmlns='urn:xmpp:sm:3'/>" : ""));
  const auto bind = hears_tag("iq");
  hears("<resource>");
  auto resource = hears("<");
  resource.pop_back();
  hears("</iq>");
  says("<iq type='result' id='" + attribute_of(bind, "id") +
       "'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>site@example.org/" + resource +
       "</jid></bind></iq>");
}

std::string Conversation::binds_and_leaves_the_ping() {
  binds_resource(false);
  return hears_first_ping();
}

/// The one by which a client makes sure that the stream stands; the initial presence comes before it.
std::string Conversation::hears_first_ping() {
  const auto ping = hears_tag("iq");
  hears("</iq>");
  return attribute_of(ping, "id");
}

void Conversation::answers_first_ping() {
  says("<iq type='result' from='example.org' id='" + hears_first_ping() + "'/>");
}

void Conversation::logs_in(const Certificate& certificate, const std::string& password,
                           bool stream_management) {
  begins_secured(certificate);
  authenticates(password);
  binds(stream_management);
}

std::string attribute_of(std::string_view tag, std::string_view name) {
  const std::string start = " " + std::string(name) + "='";
  const auto at = tag.find(start);
  if (at == std::string_view::npos) return {};
  const auto value = tag.substr(at + start.size());
  return std::string(value.substr(0, value.find('\'')));
}

}  // namespace rostrum::test
