// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace rostrum::test {

/// The server's half of SCRAM-SHA-1 (RFC 5802) for one log-in.
class ScramServer {
 public:
  explicit ScramServer(std::string password) : password_(std::move(password)) {}

  /// The challenge for the client's first message, both in base 64.
  std::string challenge(const std::string& client_first);
  /// The server's signature, in base 64; empty when the client's proof is wrong.
  std::string success(const std::string& client_final);

 private:
  std::string password_;
  std::string client_first_bare_;
  std::string server_first_;
};

}  // namespace rostrum::test
