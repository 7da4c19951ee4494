// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/presence/service.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rostrum::presence {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

}  // namespace

void Service::SetUp() {
  World::SetUp();
  if (IsSkipped()) return;
  std::filesystem::create_directory(folder.path_of("presence"));
  folder.write("presence/gateway", "key " + gateway_key.public_key.z85() + "\nallow presence_observed\n");
  folder.write("service.secret", std::string(service_key.secret_key.reveal()) + "\n");
  start(one);
}

std::string Service::configuration(const Instance& instance) const {
  return "[presence]\nlisten = \"tcp://127.0.0.1:" + std::to_string(instance.port) +
         "\"\nhttp = \"127.0.0.1:" + std::to_string(instance.http_port) +
         "\"\nsecret_key = \"service.secret\"\nauthorized_keys = \"presence\"\ndatabase = \"" +
         database->conninfo("rostrum_presence") + "\"\ndomains = [\"site.test\"]\nlease_seconds = 3\n";
}

void Service::start(Instance& instance) {
  folder.write(instance.name + ".toml", configuration(instance));
  instance.process = std::make_unique<rostrum::test::Child>(
      std::vector<std::string>{ROSTRUM_PRESENCE, "--config", folder.path_of(instance.name + ".toml")},
      folder.path_of(instance.name + ".log"));
  until("the service is ready", [&] { return get(instance, "/readyz").starts_with("HTTP/1.1 200"); });
}

void Service::kill(Instance& instance) {
  instance.process.reset();
}

int Service::stop(Instance& instance) {
  instance.process->signal(SIGTERM);
  until("the service has stopped", [&] { return instance.process->ended(); });
  return instance.process->exit_code();
}

Service::Instance& Service::another_instance() {
  auto& other = *others_.emplace_back(
      std::make_unique<Instance>(Instance{"other", rostrum::test::free_port(), rostrum::test::free_port()}));
  start(other);
  return other;
}

std::unique_ptr<ScriptedGateway> Service::gateway(const std::vector<const Instance*>& instances) {
  bus::ConnectSettings settings{
      .endpoints = {}, .own = gateway_key.duplicate(), .server = service_key.public_key};
  for (const auto* instance : instances)
    settings.endpoints.push_back("tcp://127.0.0.1:" + std::to_string(instance->port));
  return std::make_unique<ScriptedGateway>(reactor, random, std::move(settings));
}

void Service::until(const std::string& what, const std::function<bool()>& condition) {
  bus::Timer end(reactor);
  bus::Timer look(reactor);
  bool late = false;
  end.start(Milliseconds(30'000), [&] {
    late = true;
    reactor.stop();
  });
  std::function<void()> again = [&] {
    if (condition()) return reactor.stop();
    look.start(Milliseconds(10), again);
  };
  again();
  reactor.run();
  ASSERT_FALSE(late) << "waited in vain until " << what << "\n" << log(one);
}

std::string Service::get(const Instance& instance, const std::string& path) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(instance.http_port);
  std::string answer;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const auto request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(request.size())) {
      char buffer[4'096];
      for (ssize_t got = 0; (got = ::recv(descriptor, buffer, sizeof(buffer), 0)) > 0;)
        answer.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(descriptor);
  return answer;
}

double Service::metric(const Instance& instance, const std::string& series) {
  std::istringstream exposition(get(instance, "/metrics"));
  for (std::string line; std::getline(exposition, line);) {
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size()));
  }
  return -1;
}

std::string Service::log(const Instance& instance) const {
  std::ifstream file(folder.path_of(instance.name + ".log"));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Service::online() const {
  return database->value(
      "SELECT coalesce(string_agg(split_part(jid, '@', 1) || '/' || resource || ' ' || show, ', ' ORDER BY "
      "jid, resource), '')"
      " FROM presence.known_resource WHERE state = 'online'");
}

}  // namespace rostrum::presence
