// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/notification/service.hpp"

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT: POSIX

namespace rostrum::notification {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

/// Outside the ephemeral range, where a peer's own connection could take it meanwhile.
int free_port(Random& random) {
  for (;;) {
    const auto port = 15'000 + static_cast<int>(random.below(15'000));
    const auto address = loopback(port);
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool free = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::close(descriptor);
    if (free) return port;
  }
}

}  // namespace

void Service::SetUp() {
  World::SetUp();
  if (IsSkipped()) return;
  port_ = free_port(random);
  http_port_ = free_port(random);
  for (const char* name : {"notification", "gateway"})
    std::filesystem::create_directory(folder_.path_of(name));
  folder_.write("notification/site", "key " + site_key_.public_key.z85() + "\nallow notice_published\n");
  folder_.write("notification/gateway",
                "key " + gateway_key_.public_key.z85() + "\nallow receipt_received message_bounced\n");
  folder_.write("gateway/notification", "key " + service_key_.public_key.z85() + "\nallow send_message\n");
  authenticator.emplace(reactor, bus::Authenticator::Settings{.directory = folder_.path_of("gateway")});
  gateway.emplace(
      reactor, random, *authenticator,
      bus::BindSettings{"tcp://127.0.0.1:" + std::to_string(free_port(random)), gateway_key_.duplicate(), {}},
      bus::CommandServer::Handlers{
          .on_command = [this](const Uuid& id, const v1::Command& command, MonoTime) {
            asked.push_back({id, command.send_message()});
            ++times_asked[command.send_message().stanza_id()];
          }});
  const auto keep = [this](bus::EventOutcome outcome) { outcomes.push_back(std::move(outcome)); };
  site.emplace(reactor, random, to_service(site_key_), bus::EventPublisher::Handlers{.on_outcome = keep});
  gateway_events.emplace(reactor, random, to_service(gateway_key_),
                         bus::EventPublisher::Handlers{.on_outcome = keep});
  write_configuration();
  start();
}

void Service::TearDown() {
  if (child_ > 0) kill();
}

bus::ConnectSettings Service::to_service(const bus::KeyPair& own) const {
  return {.endpoints = {"tcp://127.0.0.1:" + std::to_string(port_)},
          .own = own.duplicate(),
          .server = service_key_.public_key};
}

void Service::write_configuration() {
  folder_.write("service.secret", std::string(service_key_.secret_key.reveal()) + "\n");
  folder_.write("gateway.public", gateway_key_.public_key.z85() + "\n");
  folder_.write("rostrum.toml",
                "[notification]\nlisten = \"tcp://127.0.0.1:" + std::to_string(port_) +
                    "\"\nhttp = \"127.0.0.1:" + std::to_string(http_port_) +
                    "\"\nsecret_key = \"service.secret\"\nauthorized_keys = \"notification\"\ndatabase = \"" +
                    database->conninfo("rostrum_notification") + "\"\ngateways = [\"" + gateway->endpoint() +
                    "\"]\ngateway_key = \"gateway.public\"\n");
}

void Service::start() {
  const auto configuration = folder_.path_of("rostrum.toml");
  std::string program = ROSTRUM_NOTIFICATION;
  std::string option = "--config";
  std::string path = configuration;
  char* arguments[] = {program.data(), option.data(), path.data(), nullptr};
  if (::posix_spawn(&child_, program.c_str(), nullptr, nullptr, arguments, environ) != 0)
    throw std::runtime_error("cannot start " + program);
  until("the service is ready", [this] { return get("/readyz").starts_with("HTTP/1.1 200"); });
}

void Service::kill() {
  ::kill(child_, SIGKILL);
  ::waitpid(std::exchange(child_, -1), nullptr, 0);
}

int Service::stop() {
  ::kill(child_, SIGTERM);
  int status = 0;
  until("the service has stopped", [&] { return ::waitpid(child_, &status, WNOHANG) == child_; });
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Service::until(const std::string& what, const std::function<bool()>& condition) {
  bus::Timer end(reactor);
  bus::Timer look(reactor);
  bool late = false;
  end.start(Milliseconds(20'000), [&] {
    late = true;
    reactor.stop();
  });
  std::function<void()> again = [&] {
    if (condition()) return reactor.stop();
    look.start(Milliseconds(10), again);
  };
  again();
  reactor.run();
  ASSERT_FALSE(late) << "waited in vain until " << what;
}

EventId Service::offer(bus::EventPublisher& publisher, v1::Event event) {
  const auto id = make_id();
  offer_again(publisher, id, std::move(event));
  return id;
}

void Service::offer_again(bus::EventPublisher& publisher, const EventId& id, v1::Event event) {
  event.set_id(id.to_bytes());
  until("there is credit", [&] {
    return publisher.offer({id, event.SerializeAsString()}) == bus::Offer::kTaken;
  });
}

bus::EventOutcome Service::outcome_of(const EventId& id) {
  std::optional<bus::EventOutcome> found;
  until("the event is answered", [&] {
    for (const auto& outcome : outcomes) {
      if (outcome.id == id) found = outcome;
    }
    return found.has_value();
  });
  outcomes.clear();
  return found.value_or(bus::EventOutcome{id, bus::EventOutcome::Status::kRejected, -1, "no answer"});
}

std::string Service::published(v1::Event event) {
  const auto id = offer(*site, std::move(event));
  EXPECT_EQ(outcome_of(id).status, bus::EventOutcome::Status::kAccepted);
  return id.to_string();
}

void Service::answer_all(bus::CommandResult::Status status) {
  for (const auto& one : std::exchange(asked, {})) gateway->answer(one.command, {status, "", "", {}});
}

std::string Service::get(const std::string& path) const {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(http_port_);
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

}  // namespace rostrum::notification
