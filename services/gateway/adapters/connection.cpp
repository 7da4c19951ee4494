// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

namespace rostrum::gateway {
namespace {

/// A connection that is being made, or -1.
int begin_connecting(const bus::SocketAddress& address) {
  const int descriptor = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0 ||
      errno == EINPROGRESS)
    return descriptor;
  ::close(descriptor);
  return -1;
}

}  // namespace

Connection::Connection(bus::Reactor& reactor, bus::HostAndPort where, gloox::ConnectionDataHandler* receiver,
                       OutputLimits limits, Handlers handlers)
    : ConnectionBase(receiver),
      reactor_(reactor),
      where_(std::move(where)),
      limits_(limits),
      handlers_(std::move(handlers)),
      trouble_timer_(reactor) {}

Connection::~Connection() {
  close();
}

gloox::ConnectionError Connection::connect() {
  m_state = gloox::StateConnecting;
  resolver_.emplace(reactor_, where_, [this](bus::Resolution found) {
    addresses_ = std::move(found.addresses);
    std::reverse(addresses_.begin(), addresses_.end());
    try_addresses();
  });
  return gloox::ConnNoError;
}

void Connection::try_addresses() {
  while (!addresses_.empty()) {
    descriptor_ = begin_connecting(addresses_.back());
    addresses_.pop_back();
    if (descriptor_ < 0) continue;
    wants_write_ = true;
    return reactor_.watch(descriptor_, {.read = false, .write = true},
                          [this](bus::Interest ready) { on_ready(ready); });
  }
  trouble("unreachable");
}

void Connection::on_ready(bus::Interest ready) {
  if (m_state == gloox::StateConnecting) return on_connected();
  if (ready.write) write_some();
  if (ready.read && descriptor_ >= 0) read_some();
}

void Connection::on_connected() {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) {
    reactor_.unwatch(descriptor_);
    ::close(descriptor_);
    descriptor_ = -1;
    return try_addresses();
  }
  m_state = gloox::StateConnected;
  want();
  m_handler->handleConnect(this);
}

void Connection::read_some() {
  std::array<char, 32'768> buffer;  // one read a turn: the others' sockets wait meanwhile
  const auto count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) {
    total_in_bytes_ += count;
    return m_handler->handleReceivedData(this, std::string(buffer.data(), static_cast<std::size_t>(count)));
  }
  close();
  m_handler->handleDisconnect(this, count == 0 ? gloox::ConnStreamClosed : gloox::ConnIoError);
}

bool Connection::send(const std::string& data) {
  if (m_state != gloox::StateConnected || write_failed_ || output_ended_) return false;
  if (output_bytes() + data.size() > limits_.most_bytes) {
    write_failed_ = true;
    trouble("overflow");
    return false;
  }
  output_ += data;
  if (!wants_write_) write_some();
  return !write_failed_;
}

void Connection::write_some() {
  const bool was_writable = writable();
  while (descriptor_ >= 0 && written_ < output_.size()) {
    const auto count =
        ::send(descriptor_, output_.data() + written_, output_.size() - written_, MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) write_failed_ = true;  // the reading side reports it
      break;
    }
    written_ += static_cast<std::size_t>(count);
    total_out_bytes_ += count;
  }
  if (written_ == output_.size() || write_failed_) {
    output_.clear();
    written_ = 0;
  } else if (written_ > limits_.high_water_bytes) {
    output_.erase(0, written_);
    written_ = 0;
  }
  want();
  if (!was_writable && writable()) handlers_.on_room();
}

/// Watches for what is needed now.
void Connection::want() {
  if (descriptor_ < 0 || m_state != gloox::StateConnected) return;
  wants_write_ = output_bytes() > 0;
  reactor_.change(descriptor_, {.read = true, .write = wants_write_});
}

void Connection::disconnect() {
  if (m_state == gloox::StateConnected && !write_failed_) write_some();
  close();
}

void Connection::close() {
  m_state = gloox::StateDisconnected;
  resolver_.reset();
  addresses_.clear();
  if (descriptor_ < 0) return;
  reactor_.unwatch(descriptor_);
  ::close(descriptor_);
  descriptor_ = -1;
}

void Connection::trouble(std::string_view reason) {
  trouble_timer_.start(Milliseconds{0}, [this, reason] { handlers_.on_trouble(reason); });
}

void Connection::getStatistics(long int& in, long int& out) {
  in = total_in_bytes_;
  out = total_out_bytes_;
}

}  // namespace rostrum::gateway
