// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/gateway/bench.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace rostrum::test {

using namespace std::chrono_literals;

Bench::Bench(const JabberServer& jabber)
    : log("gateway", log::Format::kText,
          std::getenv("ROSTRUM_TEST_VERBOSE") != nullptr ? log::Level::kDebug : log::Level::kError),
      server(jabber),
      tls(jabber.ca_file) {}

bool Bench::serves_until(const std::function<bool()>& condition, Milliseconds deadline) {
  const auto end = clock.mono() + deadline;
  bool holds = false;
  bus::Timer timer(reactor);
  std::function<void()> look = [&] {
    holds = condition();
    if (holds || clock.mono() >= end) return reactor.stop();
    timer.start(2ms, look);
  };
  look();
  reactor.run();
  return holds;
}

gateway::SessionSettings Bench::session(const std::string& name, const std::string& account,
                                        const std::string& password, bool stream_management) const {
  gateway::SessionSettings settings{name,
                                    Jid::parse(account).value(),
                                    Secret(password),
                                    *bus::HostAndPort::parse(server.address),
                                    stream_management,
                                    {},
                                    {},
                                    {}};
  settings.times.step_deadline = 2s;
  settings.times.ping_every = 2s;
  settings.times.ping_deadline = 1s;
  settings.times.ordinary = {50ms, 500ms};
  return settings;
}

bool Bench::counted(const std::string& series) const {
  std::istringstream lines(registry.exposition());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series) && !line.ends_with(" 0")) return true;
  }
  return false;
}

SenderOnBench::SenderOnBench(Bench& on, gateway::SessionSettings settings, gateway::SenderLimits limits)
    : bench(on),
      session(
          on.tools(), std::move(settings), limits, on.health.part("sender"),
          [this](const Uuid& id, gateway::Outcome outcome) {
            if (!outcomes.emplace(id, std::move(outcome)).second) std::abort();  // answered twice
          },
          [this](const gloox::Tag& message) { messages.push_back(message.xml()); }) {
  session.start();
}

Uuid SenderOnBench::send(const std::string& to, const std::string& body, Milliseconds time_to_live) {
  const auto id = Uuid::make_v4(bench.random);
  session.send(id, {Jid::parse(to).value(), id.to_string(), "Title", body},
               bench.clock.mono() + time_to_live);
  return id;
}

std::size_t SenderOnBench::count(gateway::Ending ending) const {
  return static_cast<std::size_t>(std::count_if(
      outcomes.begin(), outcomes.end(), [ending](const auto& one) { return one.second.ending == ending; }));
}

DoorOnBench::DoorOnBench(Bench& on, gateway::SessionSettings settings, const std::string& site)
    : bench(on),
      door(
          on.tools(), std::move(settings), Jid::parse(site).value(), {}, on.health.part("door"),
          [this](const Uuid& id, gateway::Outcome outcome) {
            if (!outcomes.emplace(id, std::move(outcome)).second) std::abort();  // answered twice
          },
          [this](const gloox::Tag& message) { messages.push_back(message.xml()); }) {
  door.start();
}

Uuid DoorOnBench::ask(gateway::DoorRequest::Action action, const std::string& account,
                      const std::string& claim, const std::string& password) {
  const auto id = Uuid::make_v4(bench.random);
  door.ask(id, {action, Jid::parse(account).value(), claim, Secret(password)}, bench.clock.mono() + 60s);
  return id;
}

gateway::Outcome DoorOnBench::outcome(const Uuid& id) {
  if (!bench.serves_until([&] { return outcomes.contains(id); }))
    return {gateway::Ending::kUnknown, "test-deadline", ""};
  return outcomes.at(id);
}

}  // namespace rostrum::test
