// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "clients/cli/check/addresses.hpp"
#include "clients/cli/check/finding.hpp"
#include "common/bus/event_publisher.hpp"

namespace rostrum::cli::check {

namespace {

constexpr Milliseconds kWelcomeDeadline(4'000);
constexpr Milliseconds kCreditDeadline(
    1'500);  // a closed intake opens within a second once its database is back

/// One connection to one endpoint: ends when there is credit, when the intake refused us, or when the time is
/// over.
class Visit {
 public:
  Visit(const std::string& endpoint, bus::KeyPair own, bus::PublicKey server)
      : timer_(reactor_),
        publisher_(reactor_, random_,
                   {.endpoints = {endpoint}, .own = std::move(own), .server = std::move(server)},
                   {.on_outcome = [](const bus::EventOutcome&) {},
                    .on_link = [this](const bus::LinkEvent& event) { on_link(event); },
                    .on_credit = [this] { reactor_.stop(); }}) {
    timer_.start(kWelcomeDeadline, [this] { reactor_.stop(); });
    reactor_.run();
  }

  [[nodiscard]] bool connected() const { return publisher_.connected(); }
  [[nodiscard]] bool has_credit() const { return publisher_.credit() > 0; }
  [[nodiscard]] const std::string& why_not() const { return why_not_; }
  [[nodiscard]] bus::LinkTrouble trouble() const { return trouble_; }

 private:
  void on_link(const bus::LinkEvent& event) {
    if (event.kind == bus::LinkEvent::Kind::kConnected) {
      timer_.start(publisher_.credit() > 0 ? Milliseconds(0) : kCreditDeadline, [this] { reactor_.stop(); });
      return;
    }
    why_not_ = event.text;
    trouble_ = event.trouble;
    if (event.kind == bus::LinkEvent::Kind::kRefused) reactor_.stop();
  }

  SystemClock clock_;
  SystemRandom random_;
  bus::Reactor reactor_{clock_};
  bus::Timer timer_;
  std::string why_not_ = "nobody answers";
  bus::LinkTrouble trouble_ = bus::LinkTrouble::kNone;
  bus::EventPublisher publisher_;
};

Finding look_at(const std::string& service, const std::string& endpoint, const bus::KeyPair& own,
                const bus::PublicKey& server) {
  const std::string name = service + " " + endpoint;
  const Visit visit(endpoint, own.duplicate(), server);
  if (visit.connected() && visit.has_credit()) return good(name, "lets this site's key in and takes events");
  if (visit.connected())
    return bad(name, "lets us in, but takes nothing now",
               "look at its /readyz: its database is away, or it is about to stop");
  if (bus::needs_somebody(visit.trouble()))
    return bad(name, visit.why_not(), std::string(bus::remedy(visit.trouble())));
  return bad(name, visit.why_not(),
             "is it running and reachable, is [cli] " + service +
                 "_key its key, and is our public key in its authorized_keys?");
}

void look_at_all(Findings& findings, const std::string& service, const std::vector<std::string>& endpoints,
                 const std::string& key_file, const bus::KeyPair& own) {
  const auto server = bus::read_public_key(key_file);
  if (!server) return;  // told by look_at_keys
  if (endpoints.empty())
    findings.push_back(bad(service, "no endpoint", "set [cli] " + service + " = [\"tcp://host:port\"]"));
  for (const auto& endpoint : endpoints) {
    const auto instances = instances_of(endpoint);
    if (instances.all.empty()) findings.push_back(nowhere(service + " " + endpoint, instances.trouble));
    for (const auto& instance : instances.all)
      findings.push_back(look_at(service, instance, own, server.value()));
  }
}

}  // namespace

Findings look_at_intakes(const Settings& settings) {
  Findings findings;
  const auto own = bus::read_secret_key(settings.source_key);
  if (!own) return findings;  // told by look_at_keys
  look_at_all(findings, "registration", settings.registration, settings.registration_key, own.value());
  look_at_all(findings, "notification", settings.notification, settings.notification_key, own.value());
  return findings;
}

}  // namespace rostrum::cli::check
