// SPDX-License-Identifier: Apache-2.0
#include "common/bus/command_client_core.hpp"

#include <algorithm>
#include <tuple>

namespace rostrum::bus {

namespace {

using Status = CommandResult::Status;

constexpr std::uint32_t kLongestLifeMs = 60'000;

CommandResult never_started(std::string text) {
  return {Status::kRetry, "not-sent", std::move(text), {}};
}
CommandResult in_doubt(std::string condition, std::string text) {
  return {Status::kUnknown, std::move(condition), std::move(text), {}};
}

}  // namespace

Load CommandClientCore::cost_of(std::size_t action_bytes) {
  return {1, size_of_command(action_bytes, kLongestLifeMs)};
}

Load CommandClientCore::Gateway::room() const {
  return connected ? rest_of(purse.left(), unsent_load) : Load{};
}

bool CommandClientCore::Gateway::takes(const Load& command) const {
  return connected && kFrameOverheadBytes + size_in_batch(command.bytes) <= max_frame_bytes;
}

void CommandClientCore::Gateway::queue(const Uuid& id, const Command& command) {
  unsent.emplace(command.sequence, id);
  unsent_load += cost_of(command.action_bytes);
}

void CommandClientCore::Gateway::unqueue(const Command& command) {
  if (unsent.erase(command.sequence) > 0) unsent_load -= cost_of(command.action_bytes);
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
  gateway.unsent_load = {};
  for (const auto& id : gateway.commands) gateway.queue(id, commands_.at(id));
  return ended;
}

void CommandClientCore::credited(GatewayIndex index, const CreditFrame& frame) {
  auto& gateway = gateways_.at(index);
  if (gateway.connected) gateway.purse.hear(frame.credit, frame.paused);
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
  gateway.purse.begin({});
}

std::optional<CommandClientCore::GatewayIndex> CommandClientCore::send(
    const Uuid& id, std::shared_ptr<const rostrum::v1::Command> command, std::size_t action_bytes,
    Milliseconds time_to_live, MonoTime now) {
  const MonoTime expires_at = now + time_to_live;
  Command asked{0, last_ + 1, std::move(command), action_bytes, expires_at, expires_at + stanza_deadline_};
  const Load cost = cost_of(action_bytes);
  latest_bytes_ = cost.bytes;
  std::optional<GatewayIndex> best;
  for (const auto& [index, gateway] : gateways_) {
    if (!cost.fits(gateway.room()) || !gateway.takes(cost)) continue;
    if (!best || gateway.commands.size() < gateways_.at(*best).commands.size()) best = index;
  }
  if (!best) return std::nullopt;
  asked.gateway = *best;
  last_ = asked.sequence;
  deadlines_.emplace(asked.given_up_at, id);
  auto& gateway = gateways_.at(*best);
  gateway.commands.insert(id);
  gateway.queue(id, asked);
  ROSTRUM_INVARIANT(commands_.emplace(id, std::move(asked)).second);
  return best;
}

bool CommandClientCore::too_large(std::size_t action_bytes) const {
  const Load cost = cost_of(action_bytes);
  return gateways() > 0 && std::none_of(gateways_.begin(), gateways_.end(),
                                        [&](const auto& entry) { return entry.second.takes(cost); });
}

std::optional<CommandsFrame> CommandClientCore::next_frame(GatewayIndex index, MonoTime now) {
  auto& gateway = gateways_.at(index);
  CommandsFrame frame;
  std::size_t bytes = kFrameOverheadBytes;
  while (!gateway.unsent.empty() && frame.commands.size() < gateway.max_batch) {
    const Uuid id = gateway.unsent.begin()->second;
    auto& command = commands_.at(id);
    // A repeat must not live longer than the first: what is left of its time. At least the one millisecond
    // that says it is over: then a gateway that knows the id tells its result, and none starts it.
    const auto left = std::max(Milliseconds{1}, std::chrono::floor<Milliseconds>(command.expires_at - now));
    const auto left_ms = static_cast<std::uint32_t>(left.count());
    const auto size = size_of_command(command.action_bytes, left_ms);
    bytes += size_in_batch(size);
    if (bytes > gateway.max_frame_bytes || !gateway.purse.spend({1, size})) break;
    frame.commands.push_back(
        {.id = id.to_bytes(), .time_to_live_ms = left_ms, .command = command.command, .bytes = size});
    command.ever_sent = true;
    gateway.unqueue(command);
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
  for (const auto& [index, gateway] : gateways_) {
    const auto room = gateway.room();
    sum += static_cast<std::size_t>(std::min(room.items, room.bytes / latest_bytes_));
  }
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
  gateway.unqueue(found->second);
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
