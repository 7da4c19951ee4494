// SPDX-License-Identifier: Apache-2.0
#include "common/bus/command_client_core.hpp"

#include <algorithm>
#include <tuple>

namespace rostrum::bus {

namespace {

using Status = CommandResult::Status;

CommandResult never_started(std::string text) {
  return {Status::kRetry, "not-sent", std::move(text), {}};
}
CommandResult in_doubt(std::string condition, std::string text) {
  return {Status::kUnknown, std::move(condition), std::move(text), {}};
}

}  // namespace

std::size_t CommandClientCore::Gateway::room() const {
  if (!connected) return 0;
  const auto left = static_cast<std::size_t>(purse.left());
  return left - std::min(left, unsent.size());
}

CommandClientCore::CommandClientCore(std::size_t gateways, Milliseconds stanza_deadline)
    : stanza_deadline_(stanza_deadline) {
  while (next_gateway_ < gateways) std::ignore = add();
}

CommandClientCore::GatewayIndex CommandClientCore::add() {
  gateways_.emplace(next_gateway_, Gateway{});
  return next_gateway_++;
}

bool CommandClientCore::needed(GatewayIndex index) const {
  const auto& gateway = gateways_.at(index);
  return gateway.connected || !gateway.commands.empty();
}

void CommandClientCore::remove(GatewayIndex index) {
  ROSTRUM_INVARIANT(!needed(index));
  gateways_.erase(index);
}

std::vector<EndedCommand> CommandClientCore::welcomed(GatewayIndex index, const WelcomeFrame& welcome) {
  auto& gateway = gateways_.at(index);
  std::vector<EndedCommand> ended;
  // Another instance knows nothing of what the one before was asked.
  if (gateway.instance != welcome.instance) ended = give_up_all(gateway);
  gateway.connected = true;
  gateway.instance = welcome.instance;
  gateway.purse.begin(welcome.credit);
  gateway.max_batch = std::max<std::size_t>(1, welcome.max_batch);
  gateway.max_frame_bytes = welcome.max_frame_bytes;
  gateway.unsent.clear();
  for (const auto& id : gateway.commands) gateway.unsent.emplace(commands_.at(id).sequence, id);
  return ended;
}

void CommandClientCore::raise(GatewayIndex index, const CreditFrame& frame) {
  auto& gateway = gateways_.at(index);
  if (gateway.connected) gateway.purse.raise(frame.credit);
}

std::vector<EndedCommand> CommandClientCore::answered(GatewayIndex index, ResultsFrame frame) {
  std::vector<EndedCommand> ended;
  for (auto& item : frame.results) {
    const auto id = Uuid::from_bytes(item.id);
    // Given up meanwhile, or another gateway's: passed over.
    if (id && gateways_.at(index).commands.contains(*id)) ended.push_back(end(*id, std::move(item.result)));
  }
  return ended;
}

void CommandClientCore::lost(GatewayIndex index) {
  auto& gateway = gateways_.at(index);
  gateway.connected = false;
  gateway.purse.begin(0);
}

std::optional<CommandClientCore::GatewayIndex> CommandClientCore::send(
    const Uuid& id, std::shared_ptr<const rostrum::v1::Command> command, std::size_t bytes,
    Milliseconds time_to_live, MonoTime now) {
  std::optional<GatewayIndex> best;
  for (const auto& [index, gateway] : gateways_) {
    const bool fits = kFrameOverheadBytes + size_in_batch(bytes) <= gateway.max_frame_bytes;
    if (gateway.room() == 0 || !fits) continue;
    if (!best || gateway.commands.size() < gateways_.at(*best).commands.size()) best = index;
  }
  if (!best) return std::nullopt;
  const MonoTime expires_at = now + time_to_live;
  const Command stored{*best, ++last_, std::move(command), bytes, expires_at, expires_at + stanza_deadline_};
  ROSTRUM_INVARIANT(commands_.emplace(id, stored).second);
  deadlines_.emplace(stored.given_up_at, id);
  auto& gateway = gateways_.at(*best);
  gateway.commands.insert(id);
  gateway.unsent.emplace(stored.sequence, id);
  return best;
}

std::optional<CommandsFrame> CommandClientCore::next_frame(GatewayIndex index, MonoTime now) {
  auto& gateway = gateways_.at(index);
  CommandsFrame frame;
  std::size_t bytes = kFrameOverheadBytes;
  while (!gateway.unsent.empty() && frame.commands.size() < gateway.max_batch && gateway.purse.left() > 0) {
    const Uuid id = gateway.unsent.begin()->second;
    auto& command = commands_.at(id);
    bytes += size_in_batch(command.bytes);
    if (bytes > gateway.max_frame_bytes) break;
    // A repeat must not live longer than the first: what is left of its time, at least the one millisecond
    // the contract asks for, so that a gateway that knows the id tells its result and one that does not
    // hardly starts it.
    const auto left = std::max(Milliseconds{1}, std::chrono::floor<Milliseconds>(command.expires_at - now));
    gateway.purse.spend(1);
    frame.commands.push_back({.id = id.to_bytes(),
                              .time_to_live_ms = static_cast<std::uint32_t>(left.count()),
                              .command = command.command});
    command.ever_sent = true;
    gateway.unsent.erase(gateway.unsent.begin());
  }
  if (frame.commands.empty()) return std::nullopt;
  return frame;
}

std::vector<EndedCommand> CommandClientCore::tick(MonoTime now) {
  std::vector<EndedCommand> ended;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const Uuid id = deadlines_.begin()->second;
    ended.push_back(commands_.at(id).ever_sent
                        ? end(id, in_doubt("deadline", "no result within its time"))
                        : end(id, never_started("its time went by before it could be sent")));
  }
  return ended;
}

std::optional<MonoTime> CommandClientCore::wake_at() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

std::size_t CommandClientCore::credit() const {
  std::size_t sum = 0;
  for (const auto& [index, gateway] : gateways_) sum += gateway.room();
  return sum;
}

std::size_t CommandClientCore::gateways() const {
  return static_cast<std::size_t>(std::count_if(
      gateways_.begin(), gateways_.end(), [](const auto& gateway) { return gateway.second.connected; }));
}

EndedCommand CommandClientCore::end(const Uuid& id, CommandResult result) {
  const auto found = commands_.find(id);
  auto& gateway = gateways_.at(found->second.gateway);
  gateway.commands.erase(id);
  gateway.unsent.erase(found->second.sequence);
  deadlines_.erase({found->second.given_up_at, id});
  commands_.erase(found);
  return {id, std::move(result)};
}

std::vector<EndedCommand> CommandClientCore::give_up_all(Gateway& gateway) {
  std::vector<EndedCommand> ended;
  const auto ids = gateway.commands;
  ended.reserve(ids.size());
  for (const auto& id : ids) {
    ended.push_back(commands_.at(id).ever_sent
                        ? end(id, in_doubt("gateway-replaced", "its gateway was started anew"))
                        : end(id, never_started("its gateway was started anew before it was sent")));
  }
  return ended;
}

}  // namespace rostrum::bus
