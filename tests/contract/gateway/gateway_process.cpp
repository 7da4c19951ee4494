// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/gateway/gateway_process.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/random.hpp"

namespace rostrum::test {
namespace {

/// The first of five neighbouring ports that are free now, below the ephemeral range.
int free_ports() {
  SystemRandom random;
  const auto is_free = [](int port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool good = bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(descriptor);
    return good;
  };
  for (;;) {
    const int first = 20'000 + static_cast<int>(random.below(10'000));
    int free = 0;
    while (free < 5 && is_free(first + free)) ++free;
    if (free == 5) return first;
  }
}

}  // namespace

GatewayProcess::GatewayProcess(const Lab& lab)
    : folder_("/tmp/rostrum-gateway-XXXXXX"), command_port_(free_ports()) {
  if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  mkdir((folder_ + "/authorized").c_str(), 0700);
  write("gateway.secret", std::string(gateway_key.secret_key.reveal()));
  write("service.public", service_key.public_key.z85());
  write("authorized/caller",
        "key " + caller_key.public_key.z85() +
            "\nallow create_account set_password remove_account send_message inspect_server\n");
  write("site.password", lab.site_password);
  write("control.password", lab.control_password);
  write("rostrum.toml", configuration(lab));
}

std::string GatewayProcess::configuration(const Lab& lab) const {
  std::string toml = "[log]\nlevel = \"warning\"\n[gateway]\n";
  const auto set = [&toml](const std::string& key, const std::string& value, const char* open = "",
                           const char* close = "") {
    toml.append(key).append(" = ").append(open).append("\"").append(value).append("\"").append(close).append(
        "\n");
  };
  set("listen", endpoint());
  set("http", "127.0.0.1:" + std::to_string(command_port_ + 3));
  set("secret_key", "gateway.secret");
  set("authorized_keys", "authorized");
  set("jabber_domain", lab.server.domain);
  set("jabber_address", lab.server.address);
  set("jabber_ca", lab.server.ca_file);
  set("site_jid", lab.site);
  set("site_password_file", "site.password");
  set("control_jid", lab.control);
  set("control_password_file", "control.password");
  set("registration", registration(), "[", "]");
  set("registration_key", "service.public");
  set("notification", notification(), "[", "]");
  set("notification_key", "service.public");
  set("presence", presence(), "[", "]");
  set("presence_key", "service.public");
  return toml;
}

GatewayProcess::~GatewayProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::filesystem::remove_all(folder_);
}

void GatewayProcess::write(const std::string& name, const std::string& content) const {
  const auto path = folder_ + "/" + name;
  std::ofstream(path) << content << "\n";
  chmod(path.c_str(), 0600);
}

void GatewayProcess::start() {
  const std::string configuration = folder_ + "/rostrum.toml";
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  execl(ROSTRUM_GATEWAY_BINARY, "rostrum-gateway", "--config", configuration.c_str(), nullptr);
  _exit(127);
}

int GatewayProcess::stops() {
  asks_to_stop();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!has_ended() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return exit_code_;
}

void GatewayProcess::asks_to_stop() const {
  kill(pid_, SIGTERM);
}

bool GatewayProcess::has_ended() {
  int status = 0;
  if (pid_ > 0 && waitpid(pid_, &status, WNOHANG) == pid_) {
    pid_ = -1;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  return pid_ < 0;
}

std::string GatewayProcess::page(const std::string& path) const {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(command_port_ + 3));
  std::string answer;
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    if (send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
      std::array<char, 4096> buffer{};
      for (ssize_t count = 0; (count = recv(descriptor, buffer.data(), buffer.size(), 0)) > 0;)
        answer.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }
  close(descriptor);
  return answer;
}

}  // namespace rostrum::test
