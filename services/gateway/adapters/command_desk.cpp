// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/command_desk.hpp"

#include "common/base/text.hpp"
#include "rostrum/v1/command.pb.h"
#include "services/gateway/adapters/command_result.hpp"

namespace rostrum::gateway {
namespace {

using Action = v1::Command::ActionCase;
using Status = bus::CommandResult::Status;

std::string_view label(Action action) {
  switch (action) {
    case Action::kCreateAccount:
      return "create_account";
    case Action::kSetPassword:
      return "set_password";
    case Action::kRemoveAccount:
      return "remove_account";
    case Action::kSendMessage:
      return "send_message";
    case Action::kInspectServer:
      return "inspect_server";
    case Action::ACTION_NOT_SET:
      return "unknown";
  }
  return "unknown";
}

std::string_view label(Status status) {
  switch (status) {
    case Status::kDone:
      return "done";
    case Status::kFailed:
      return "failed";
    case Status::kRetry:
      return "retry";
    case Status::kUnknown:
      return "unknown";
  }
  fail_invariant("a status without a label", __FILE__, __LINE__);
}

const std::vector<double>& latency_buckets() {
  static const std::vector<double> kBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                               0.5,   1,      2.5,   5,    10,    30,   60};
  return kBuckets;
}

}  // namespace

CommandDesk::CommandDesk(const Clock& clock, metrics::Registry& registry, std::string domain,
                         MessageLimits limits, OnResult on_result)
    : clock_(clock),
      registry_(registry),
      in_progress_(registry.gauge("rostrum_gateway_commands_in_progress",
                                  "Commands that were taken and have no result yet.")),
      domain_(std::move(domain)),
      limits_(limits),
      on_result_(std::move(on_result)) {}

void CommandDesk::take(const Uuid& id, const v1::Command& command, MonoTime deadline) {
  open_.emplace(id, Open{label(command.action_case()), clock_.mono()});
  in_progress_.set(static_cast<double>(open_.size()));
  switch (command.action_case()) {
    case Action::kCreateAccount: {
      const auto& content = command.create_account();
      return ask_door(id, DoorRequest::Action::kCreate, content.jid(), content.claim(), content.password(),
                      deadline);
    }
    case Action::kSetPassword: {
      const auto& content = command.set_password();
      return ask_door(id, DoorRequest::Action::kSetPassword, content.jid(), content.claim(),
                      content.password(), deadline);
    }
    case Action::kRemoveAccount: {
      const auto& content = command.remove_account();
      return ask_door(id, DoorRequest::Action::kRemove, content.jid(), content.claim(), {}, deadline);
    }
    case Action::kSendMessage:
      return send(id, command, deadline);
    case Action::kInspectServer:
      return inspect(id);
    case Action::ACTION_NOT_SET:
      return concluded(id, failed("unknown-action", "this gateway does not know what is asked"));
  }
  concluded(id, failed("unknown-action", "this gateway does not know what is asked"));
}

void CommandDesk::send(const Uuid& id, const v1::Command& command, MonoTime deadline) {
  const auto& content = command.send_message();
  auto message =
      check_message({content.to(), content.stanza_id(), content.subject(), content.body()}, domain_, limits_);
  if (!message) return concluded(id, message.error());
  workers_->sender.send(id, std::move(message).value(), deadline);
}

void CommandDesk::ask_door(const Uuid& id, DoorRequest::Action action, const std::string& jid,
                           const std::string& claim, const std::string& password, MonoTime deadline) {
  constexpr std::size_t kLongestPassword = 1'024;
  constexpr std::size_t kLongestClaim = 64;
  auto account = Jid::parse(jid);
  if (!account) return concluded(id, failed("jid-malformed", std::string(describe(account.error()))));
  if (account.value().domain() != domain_)
    return concluded(id, failed("foreign-domain", "this gateway speaks to " + domain_ + " only"));
  if (const auto error =
          check_text(claim, {.max_bytes = kLongestClaim, .may_be_empty = false, .one_line = true}))
    return concluded(id, failed("invalid-claim", error->describe()));
  const bool needs_password = action != DoorRequest::Action::kRemove;
  if (const auto error = check_text(
          password, {.max_bytes = kLongestPassword, .may_be_empty = !needs_password, .one_line = true}))
    return concluded(
        id, failed("invalid-password", "empty, too long, or with characters that no client can type"));
  workers_->door.ask(id, {action, std::move(account).value(), claim, Secret(password)}, deadline);
}

void CommandDesk::inspect(const Uuid& id) {
  workers_->inspector.inspect([this, id](const Findings& findings) {
    finish(id, {Status::kDone, {}, {}, findings});
  });
}

void CommandDesk::concluded(const Uuid& id, Outcome outcome) {
  finish(id, command_result(std::move(outcome)));
}

void CommandDesk::finish(const Uuid& id, bus::CommandResult result) {
  const auto open = open_.find(id);
  ROSTRUM_INVARIANT(open != open_.end());
  const std::string action(open->second.action);
  const std::chrono::duration<double> seconds = clock_.mono() - open->second.since;
  open_.erase(open);
  in_progress_.set(static_cast<double>(open_.size()));
  registry_
      .counter("rostrum_gateway_commands_total", "Commands, by what was asked and how it went.",
               {{"action", action}, {"status", std::string(label(result.status))}})
      .add();
  registry_
      .histogram("rostrum_gateway_command_seconds", "Time from a command's arrival to its result.",
                 latency_buckets(), {{"action", action}})
      .observe(seconds.count());
  on_result_(id, std::move(result));
}

}  // namespace rostrum::gateway
