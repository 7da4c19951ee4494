// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "clients/cli/check/addresses.hpp"
#include "clients/cli/check/finding.hpp"
#include "common/bus/command_client.hpp"
#include "rostrum/v1/command.pb.h"

namespace rostrum::cli::check {

namespace {

constexpr Milliseconds kConnectDeadline(4'000);
constexpr Milliseconds kTimeToLive(5'000);
constexpr Milliseconds kStanzaDeadline(
    20'000);  // the gateway opens a stream of its own and tries to register

/// Asks one gateway to look at the Jabber server.
class Inspection {
 public:
  Inspection(const std::string& endpoint, bus::KeyPair own, bus::PublicKey server)
      : timer_(reactor_),
        client_(reactor_, random_,
                {.endpoints = {endpoint}, .own = std::move(own), .server = std::move(server)},
                kStanzaDeadline,
                {.on_link = [this](const bus::LinkEvent& event) { on_link(event); },
                 .on_credit = [this] { ask(); }}) {
    timer_.start(kConnectDeadline, [this] { reactor_.stop(); });
    reactor_.run();
  }

  [[nodiscard]] const std::optional<bus::CommandResult>& result() const { return result_; }
  [[nodiscard]] const std::string& why_not() const { return why_not_; }
  [[nodiscard]] bus::LinkTrouble trouble() const { return trouble_; }

 private:
  void on_link(const bus::LinkEvent& event) {
    if (event.kind == bus::LinkEvent::Kind::kConnected) {
      why_not_ = "it lets us in, but takes no command";
      reactor_.post([this] { ask(); });
      return;
    }
    why_not_ = event.text;
    trouble_ = event.trouble;
    if (event.kind == bus::LinkEvent::Kind::kRefused) reactor_.stop();
  }

  void ask() {
    if (asked_) return;
    v1::Command command;
    command.mutable_inspect_server();
    asked_ = client_.send(command, kTimeToLive, [this](bus::CommandResult result) {
      result_ = std::move(result);
      reactor_.stop();
    });
    if (asked_) timer_.stop();  // every command ends with a result
  }

  SystemClock clock_;
  SystemRandom random_;
  bus::Reactor reactor_{clock_};
  bus::Timer timer_;
  bool asked_ = false;
  std::optional<bus::CommandResult> result_;
  std::string why_not_ = "nobody answers";
  bus::LinkTrouble trouble_ = bus::LinkTrouble::kNone;
  bus::CommandClient client_;
};

void look_at(Findings& findings, const std::string& endpoint, bus::KeyPair own,
             const bus::PublicKey& server) {
  const std::string name = "gateway " + endpoint;
  const Inspection inspection(endpoint, std::move(own), server);
  const auto& result = inspection.result();
  if (!result) {
    findings.push_back(bad(
        name, inspection.why_not(),
        bus::needs_somebody(inspection.trouble())
            ? std::string(bus::remedy(inspection.trouble()))
            : "is it running and reachable, is [cli] gateway_key its key, and is our check key in its "
              "authorized_keys? (rostrum keygen check --authorize authorized_keys/gateway --role check)"));
    return;
  }
  if (result->status != bus::CommandResult::Status::kDone) {
    findings.push_back(bad(name,
                           "could not look at the Jabber server: " + result->condition + " " + result->text,
                           "look at the gateway's /readyz and log"));
    return;
  }
  findings.push_back(good(name, "has looked at the Jabber server"));
  for (const auto& found : result->findings)
    findings.push_back({"jabber server: " + found.name, found.good, found.detail, found.remedy});
}

}  // namespace

Findings look_at_gateways(const Settings& settings) {
  Findings findings;
  if (settings.gateways.empty())
    return {bad("gateway", "no endpoint", "set [cli] gateways = [\"tcp://host:port\"]")};
  const auto own = bus::read_secret_key(settings.check_key);
  const auto server = bus::read_public_key(settings.gateway_key);
  if (!own || !server) return findings;  // told by look_at_keys
  for (const auto& endpoint : settings.gateways) {
    const auto instances = instances_of(endpoint);
    if (instances.all.empty()) findings.push_back(nowhere("gateway " + endpoint, instances.trouble));
    for (const auto& instance : instances.all)
      look_at(findings, instance, own.value().duplicate(), server.value());
  }
  return findings;
}

}  // namespace rostrum::cli::check
