// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/gateway/lab.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace rostrum::test {
namespace {

std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr)
    throw std::runtime_error(name + " is not set; run this by deploy/lab/with_lab.py --prosody -- …");
  return value;
}

std::string content(const std::string& path) {
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  return line;
}

}  // namespace

Lab Lab::from_environment() {
  const auto jabber = [](const std::string& name) { return variable("ROSTRUM_TEST_JABBER_" + name); };
  return {.server = {jabber("HOST") + ":" + jabber("PORT"), jabber("CA"), jabber("DOMAIN")},
          .site = jabber("SITE"),
          .site_password = content(jabber("SITE_PASSWORD_FILE")),
          .control = jabber("CONTROL"),
          .control_password = content(jabber("CONTROL_PASSWORD_FILE")),
          .control_socket = variable("ROSTRUM_LAB_CONTROL")};
}

void Lab::does(const std::string& command) const {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(control_socket.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, control_socket.c_str(), control_socket.size());
  ASSERT_EQ(connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const auto line = command + "\n";
  ASSERT_EQ(write(descriptor, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  std::array<char, 1024> answer{};
  const auto count = read(descriptor, answer.data(), answer.size());
  close(descriptor);
  ASSERT_GT(count, 0);
  EXPECT_EQ(std::string(answer.data(), static_cast<std::size_t>(count)), "ok\n") << command;
}

}  // namespace rostrum::test
