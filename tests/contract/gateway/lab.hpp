// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "tests/contract/gateway/bench.hpp"

namespace rostrum::test {

/// The private Prosody that deploy/lab/with_lab.py started around this test.
struct Lab {
  static Lab from_environment();
  /// One command for the lab, e.g. "prosody kill9"; returns when it is done. Fails the test otherwise.
  void does(const std::string& command) const;

  JabberServer server;
  std::string site;
  std::string site_password;
  std::string control;
  std::string control_password;
  std::string control_socket;
};

}  // namespace rostrum::test
