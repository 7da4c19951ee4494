// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/jabber/scripted_server.hpp"

#include <csignal>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/random.hpp"

namespace rostrum::test {

ScriptedServer::ScriptedServer(Script script)
    : script_(std::move(script)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  SystemRandom random;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int attempt = 0; attempt < 100; ++attempt) {
    port_ = 20'000 + static_cast<int>(random.below(
                         10'000));  // below the ephemeral range, where a client could connect to itself
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        listen(listener_, 8) == 0) {
      thread_ = std::thread([this] { serve(); });
      return;
    }
  }
  throw std::runtime_error("no free port");
}

ScriptedServer::~ScriptedServer() {
  over_ = true;
  thread_.join();
  close(listener_);
}

void ScriptedServer::serve() {
  while (!over_) {
    pollfd watched{listener_, POLLIN, 0};
    if (poll(&watched, 1, 50) <= 0) continue;
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) continue;
    Conversation conversation(descriptor, over_);
    ++connections_;
    try {
      script_(conversation);
    } catch (const ConversationEnded&) {
      // An ordinary end; what matters is what the client made of it.
    }
  }
}

}  // namespace rostrum::test
