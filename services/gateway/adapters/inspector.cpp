// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/inspector.hpp"

#include <charconv>
#include <utility>

namespace rostrum::gateway {
namespace {

using Finding = bus::CommandResult::Finding;

std::string value_of(const DoorDescription& description, const std::string& name) {
  const auto found = description.find(name);
  return found == description.end() ? std::string() : found->second;
}

std::size_t number_of(const DoorDescription& description, const std::string& name) {
  const auto text = value_of(description, name);
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Finding rate_limits(const DoorDescription& description) {
  const bool good =
      value_of(description, "site-unlimited") == "yes" && value_of(description, "control-unlimited") == "yes";
  return {"site-not-rate-limited", good,
          good ? "site and control account are not slowed down"
               : "an announcement would crawl at the members' rate limit",
          good ? ""
               : "unlimited_jids = { \"" + value_of(description, "site") + "\", \"" +
                     value_of(description, "control") + "\" }"};
}

Finding garbage_collector(const DoorDescription& description) {
  constexpr std::size_t kEnough = 200;
  const auto mode = value_of(description, "gc");
  const auto threshold = number_of(description, "gc-threshold");
  const bool good = mode != "incremental" || threshold >= kEnough;
  return {
      "garbage-collector", good,
      "mode " + mode + (threshold > 0 ? ", threshold " + std::to_string(threshold) : ", default threshold"),
      good ? "" : "gc = { mode = \"incremental\", threshold = 400 }"};
}

Finding stanza_size(const DoorDescription& description, std::size_t needed_bytes) {
  const auto limit = number_of(description, "stanza-size-limit");
  const bool good = limit >= needed_bytes;
  return {"stanza-size-limit", good,
          "the server takes stanzas up to " + std::to_string(limit) + " bytes, we send up to " +
              std::to_string(needed_bytes),
          good ? "" : "c2s_stanza_size_limit = " + std::to_string(needed_bytes)};
}

Finding presence_watch(const DoorDescription& description) {
  const auto version = value_of(description, "presence-watch");
  const bool good = version == "1";
  const std::string mend = "the folder mod_rostrum of this version, or presence_source = \"roster\"";
  return {"presence-watch", good,
          good              ? "version 1"
          : version.empty() ? "the module cannot tell who is online"
                            : "the module speaks version " + version + ", we speak 1",
          good ? "" : mend};
}

Finding registration(const ProbeResult& result) {
  const bool good = result.reached && result.closed;
  return {"registration-closed", good, result.detail,
          good || !result.reached ? "" : "allow_registration = false"};
}

Finding registration_of_members(bool refused) {
  return {"registration-closed-for-members", refused,
          refused ? "members can neither remove nor re-register their accounts"
                  : "members may manage accounts in-band",
          refused ? "" : "modules_disabled = { \"register\" }"};
}

}  // namespace

Findings judge_description(const DoorDescription& description, const std::string& unfit_because,
                           const ServerNeeds& needs) {
  if (!unfit_because.empty())
    return {{"account-door", false, unfit_because,
             "modules_enabled = { …; \"rostrum\" }; rostrum_site, rostrum_control under VirtualHost"}};
  Findings findings = {{"account-door", true, "version 1 on " + value_of(description, "server"), ""},
                       stanza_size(description, needs.stanza_bytes),
                       rate_limits(description),
                       garbage_collector(description)};
  if (needs.presence_watch) findings.push_back(presence_watch(description));
  return findings;
}

Inspector::Inspector(SessionTools tools, Target target, SenderSession& sender, AccountDoor& door)
    : tools_(tools),
      target_(std::move(target)),
      sender_(sender),
      door_(door),
      deadline_timer_(tools.reactor),
      finish_timer_(tools.reactor) {}

void Inspector::inspect(OnFindings on_findings) {
  waiting_.push_back(std::move(on_findings));
  if (waiting_.size() == 1) begin();
}

void Inspector::begin() {
  const auto round = ++round_;
  findings_ = {streams()};
  parts_open_ = door_.online() ? 3 : 1;
  probe_ = std::make_unique<RegistrationProbe>(
      tools_.reactor, tools_.random, tools_.tls, target_.server, target_.domain,
      [this, round](const ProbeResult& result) { report(round, {registration(result)}); });
  constexpr Milliseconds kDeadline{15'000};  // a stream that dies takes our questions with it
  deadline_timer_.start(kDeadline, [this] { finish(); });
  if (!door_.online()) {
    findings_.push_back({"account-door", false, "the control account is not connected", ""});
    return;
  }
  door_.describe([this, round](const DoorDescription& description, const std::string& unfit) {
    report(round, judge_description(description, unfit, target_.needs));
  });
  door_.try_registration([this, round](bool refused) { report(round, {registration_of_members(refused)}); });
}

Finding Inspector::streams() const {
  const bool good = sender_.online() && door_.online();
  return {"tls", good,
          good ? "both streams stand, secured by TLS 1.2 or later with a certificate for " + target_.domain
               : "a stream does not stand: see the gateway's log",
          good ? "" : "certificates = \"…\" with " + target_.domain + ".crt, signed by jabber_ca"};
}

void Inspector::report(std::uint64_t round, Findings findings) {
  if (round != round_ || waiting_.empty()) return;
  for (auto& finding : findings) findings_.push_back(std::move(finding));
  // Deferred: the probe that reported last is still on the stack.
  if (--parts_open_ == 0) finish_timer_.start(Milliseconds{0}, [this] { finish(); });
}

void Inspector::finish() {
  deadline_timer_.stop();
  probe_.reset();
  const auto askers = std::exchange(waiting_, {});
  for (const auto& asker : askers) asker(findings_);
}

}  // namespace rostrum::gateway
