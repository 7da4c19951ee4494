// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <gloox/connectionbase.h>

#include "common/bus/resolver.hpp"

namespace rostrum::gateway {

/// How much may wait to be written.
struct OutputLimits {
  std::size_t high_water_bytes = 262'144;  ///< from here on writable() is false …
  std::size_t most_bytes = 16'777'216;     ///< … and here the stream is given up
};

/// gloox's transport on a non-blocking socket in the reactor. gloox's own one connects and sends blockingly,
/// dies of SIGPIPE and aborts at descriptor 1024.
///
/// A disconnect is only ever reported from the reactor, never from within send(): gloox may be in the middle
/// of anything there.
class Connection final : public gloox::ConnectionBase {
 public:
  struct Handlers {
    std::function<void()> on_room = [] {};  ///< writable() is true again
    std::function<void(std::string_view reason)> on_trouble = [](std::string_view) {
    };  ///< "unreachable", "overflow"; gloox is not told of these
  };
  Connection(bus::Reactor& reactor, bus::HostAndPort where, gloox::ConnectionDataHandler* receiver,
             OutputLimits limits, Handlers handlers);
  ~Connection() override;

  gloox::ConnectionError connect() override;
  bool send(const std::string& data) override;
  /// Nothing is added to what waits to be written.
  void end_output() { output_ended_ = true; }
  /// Writes what the socket takes at once and closes.
  void disconnect() override;
  void cleanup() override {}
  gloox::ConnectionError recv(int) override { return gloox::ConnNotConnected; }
  gloox::ConnectionError receive() override { return gloox::ConnNotConnected; }
  void getStatistics(long int& in, long int& out) override;
  gloox::ConnectionBase* newInstance() const override { return nullptr; }

  [[nodiscard]] bool writable() const { return output_.size() - written_ < limits_.high_water_bytes; }
  [[nodiscard]] std::size_t output_bytes() const { return output_.size() - written_; }

 private:
  void try_addresses();
  void on_ready(bus::Interest ready);
  void on_connected();
  void read_some();
  void write_some();
  void want();
  void close();
  void trouble(std::string_view reason);

  bus::Reactor& reactor_;
  bus::HostAndPort where_;
  OutputLimits limits_;
  Handlers handlers_;
  std::optional<bus::Resolver> resolver_;
  std::vector<bus::SocketAddress> addresses_;  // still to be tried, last one first
  bus::Timer trouble_timer_;
  int descriptor_ = -1;
  std::string output_;
  std::size_t written_ = 0;  // of output_
  bool wants_write_ = false;
  bool write_failed_ = false;
  bool output_ended_ = false;
  long int total_in_bytes_ = 0;
  long int total_out_bytes_ = 0;
};

}  // namespace rostrum::gateway
