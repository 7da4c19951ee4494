// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <sys/types.h>

#include "common/bus/keys.hpp"
#include "tests/contract/gateway/lab.hpp"

namespace rostrum::test {

/// A real rostrum-gateway with a folder of its own: keys, secrets, configuration.
class GatewayProcess {
 public:
  explicit GatewayProcess(const Lab& lab);
  ~GatewayProcess();  // kill -9 if it still runs
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  void start();
  /// SIGTERM; the exit code, or -1 when it did not end in time.
  int stops();
  /// The same step by step; `exit_code` is -1 until it has ended.
  void asks_to_stop() const;
  bool has_ended();
  [[nodiscard]] int exit_code() const { return exit_code_; }

  [[nodiscard]] std::string endpoint() const { return local(command_port_); }
  [[nodiscard]] std::string registration() const { return local(command_port_ + 1); }
  [[nodiscard]] std::string notification() const { return local(command_port_ + 2); }
  [[nodiscard]] std::string presence() const { return local(command_port_ + 4); }
  [[nodiscard]] std::string folder() const { return folder_; }
  /// A page of its HTTP port; empty while there is none.
  [[nodiscard]] std::string page(const std::string& path) const;

  const bus::KeyPair gateway_key = bus::make_key_pair();
  const bus::KeyPair caller_key = bus::make_key_pair();   ///< may send every command
  const bus::KeyPair service_key = bus::make_key_pair();  ///< of the intakes that the gateway publishes to

 private:
  [[nodiscard]] static std::string local(int port) { return "tcp://127.0.0.1:" + std::to_string(port); }
  [[nodiscard]] std::string configuration(const Lab& lab) const;
  void write(const std::string& name, const std::string& content) const;

  std::string folder_;
  int command_port_;
  pid_t pid_ = -1;
  int exit_code_ = -1;
};

}  // namespace rostrum::test
