// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/jabber/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rostrum::test {
namespace {

int connected_to(const std::string& address) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto colon = address.rfind(':');
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0) return descriptor;
  close(descriptor);
  throw ConversationEnded("nobody listens at " + address);
}

std::string base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace

RawClient::RawClient(const Login& login)
    : domain_(login.domain), wire_(std::make_unique<Conversation>(connected_to(login.address), over_)) {
  const auto opens_stream = [&] {
    says(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' "
        "to='" +
        domain_ + "'>");
    hears("</stream:features>");
  };
  opens_stream();
  says("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  hears("<proceed");
  hears(">");
  wire_->secures_as_client();
  opens_stream();
  using namespace std::string_literals;
  says("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
       base64("\0"s + login.username + "\0"s + login.password) + "</auth>");
  hears("<success");
  hears(">");
  opens_stream();
  says("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + login.resource +
       "</resource></bind></iq>");
  hears("</bind></iq>");
}

RawClient::~RawClient() = default;

void RawClient::is_heard() {
  const auto id = "heard-" + std::to_string(++pings_);
  says("<iq type='get' to='" + domain_ + "' id='" + id + "'><ping xmlns='urn:xmpp:ping'/></iq>");
  hears(id);
  hears(">");
}

void RawClient::leaves() {
  says("</stream:stream>");
  hears("</stream:stream>");
  wire_.reset();
}

}  // namespace rostrum::test
