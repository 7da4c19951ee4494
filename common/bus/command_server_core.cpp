// SPDX-License-Identifier: Apache-2.0
#include "common/bus/command_server_core.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/text.hpp"

namespace rostrum::bus {

namespace {

constexpr std::uint32_t kMaxTimeToLiveMs = 60'000;
constexpr std::uint32_t kTimeIsOverMs = 1;
constexpr std::size_t kMaxTextBytes = 256;
constexpr std::size_t kMaxDetailBytes = 1'024;
constexpr std::size_t kMaxFindings = 64;

CommandResult failed(std::string condition, std::string text) {
  return {CommandResult::Status::kFailed, std::move(condition), std::move(text), {}};
}
CommandResult not_known_here() {
  return {
      CommandResult::Status::kUnknown, "expired", "its time was over, and nothing is known of it here", {}};
}

/// Whatever the gateway found fits a frame.
CommandResult bounded(CommandResult result) {
  result.condition = printable(result.condition, kMaxTextBytes);
  result.text = printable(result.text, kMaxTextBytes);
  if (result.findings.size() > kMaxFindings) result.findings.resize(kMaxFindings);
  for (auto& finding : result.findings) {
    finding.name = printable(finding.name, kMaxTextBytes);
    finding.detail = printable(finding.detail, kMaxDetailBytes);
    finding.remedy = printable(finding.remedy, kMaxDetailBytes);
  }
  return result;
}

/// At most what a result takes inside a frame.
std::size_t size_of(const ResultsFrame::Item& item) {
  constexpr std::size_t kFieldBytes = 6;  // a tag and a length, generously
  std::size_t bytes =
      item.id.size() + item.result.condition.size() + item.result.text.size() + 6 * kFieldBytes;
  for (const auto& finding : item.result.findings)
    bytes += finding.name.size() + finding.detail.size() + finding.remedy.size() + 5 * kFieldBytes;
  return bytes;
}

/// Why a command is not even started.
std::optional<CommandResult> fault_of(const CommandsFrame::Item& item, const AuthorizedKey& sender) {
  if (item.time_to_live_ms < 1 || item.time_to_live_ms > kMaxTimeToLiveMs)
    return failed("bad-request", "time_to_live_ms must be 1 to 60,000");
  if (item.type.empty() || !item.fully_known)
    return failed("feature-not-implemented",
                  "no action, or one this version does not know; upgrade the gateway first");
  if (!sender.may_send(item.type))
    return failed("not-authorized", "key '" + printable(sender.name, 64) +
                                        "' may not ask this; if it should: add '" + std::string(item.type) +
                                        "' to its allow line");
  return std::nullopt;
}

}  // namespace

CommandServerCore::CommandServerCore(LinkLimits limits, std::string instance, std::size_t kept_results,
                                     std::size_t most_kept_bytes)
    : limits_(limits),
      kept_results_(kept_results),
      most_kept_bytes_(most_kept_bytes),
      peers_(LinkKind::kCommand, limits, std::move(instance)) {}

CommandServerEffects CommandServerCore::receive(const IncomingMessage& message, const AuthorizedKeys& keys,
                                                MonoTime now) {
  CommandServerEffects effects;
  auto work = peers_.receive(message, keys, effects.peers);
  if (!work) return effects;
  for (auto& item : std::get<CommandsFrame>(work->frame).commands) serve(*work, item, now, effects);
  return effects;
}

void CommandServerCore::serve(const PeerTable::Work& work, CommandsFrame::Item& item, MonoTime now,
                              CommandServerEffects& effects) {
  const auto id = Uuid::from_bytes(item.id);
  if (!id) {
    peers_.refuse(work.token, RefusalCode::kUnreadableId, "a command's id must be 16 bytes", effects.peers);
    return peers_.write_off(work.token, {1, item.bytes}, effects.peers);
  }
  if (auto fault = fault_of(item, work.sender)) return send_result({work.token, item.bytes}, *id, *fault);
  if (answer_repeat(work, *id, item.bytes, effects.peers)) return;
  // Whoever repeats it wants to hear how it went. Begun now it could outlast its asker's patience.
  if (item.time_to_live_ms == kTimeIsOverMs)
    return send_result({work.token, item.bytes}, *id, not_known_here());
  working_.emplace(*id, Working{work.name, item.bytes, {{work.token, item.bytes}}});
  bytes_ += item.bytes;
  effects.start.push_back({*id, std::move(item.command), now + Milliseconds{item.time_to_live_ms}});
}

bool CommandServerCore::answer_repeat(const PeerTable::Work& work, const Uuid& id, std::size_t bytes,
                                      PeerEffects& effects) {
  const Asked asked{work.token, bytes};
  const auto kept = kept_.find(id);
  const auto working = working_.find(id);
  if (kept == kept_.end() && working == working_.end()) return false;
  const auto& asker = kept != kept_.end() ? kept->second.asker : working->second.asker;
  if (asker != work.name) {
    send_result(asked, id,
                failed("conflict", "this id belongs to another peer's command; ids are 16 random bytes"));
  } else if (kept != kept_.end()) {
    send_result(asked, id, kept->second.result);
  } else if (auto& waiting = working->second.waiting;
             std::any_of(waiting.begin(), waiting.end(),
                         [&](const Asked& other) { return other.in.value == work.token.value; })) {
    peers_.write_off(work.token, {1, bytes}, effects);  // twice in one conversation: one answer will do
  } else {
    std::erase_if(waiting, [&](const Asked& other) { return !peers_.has(other.in); });
    waiting.push_back(asked);
  }
  return true;
}

void CommandServerCore::answer(const Uuid& id, CommandResult result) {
  auto working = working_.extract(id);
  ROSTRUM_INVARIANT(!working.empty());
  result = bounded(std::move(result));
  bytes_ -= working.mapped().bytes;
  for (const auto& asked : working.mapped().waiting) send_result(asked, id, result);
  keep(id, std::move(working.mapped().asker), std::move(result));
}

CommandServerEffects CommandServerCore::flush() {
  CommandServerEffects effects;
  for (auto& [token, results] : std::exchange(due_, {})) {
    ResultsFrame frame;
    Load answered;
    std::size_t bytes = 0;
    const auto send = [&, to = PeerToken{token}] {
      bytes = 0;
      peers_.answer(to, std::exchange(frame, {}), std::exchange(answered, {}), effects.peers);
    };
    for (auto& due : results) {
      const std::size_t more = size_of(due.item);
      if (!frame.results.empty() && bytes + more > kAnswersBytes) send();
      bytes += more;
      answered += {1, due.bytes};
      frame.results.push_back(std::move(due.item));
    }
    send();
  }
  return effects;
}

void CommandServerCore::keep(const Uuid& id, std::string asker, CommandResult result) {
  if (kept_results_ == 0) return;
  const auto bytes = asker.size() + size_of({id.to_bytes(), result});
  while (!by_age_.empty() && (kept_.size() >= kept_results_ || kept_bytes_ + bytes > most_kept_bytes_)) {
    const auto oldest = kept_.find(by_age_.front());
    kept_bytes_ -= oldest->second.bytes;
    kept_.erase(oldest);
    by_age_.pop_front();
  }
  kept_bytes_ += bytes;
  kept_.emplace(id, Kept{std::move(asker), std::move(result), bytes});
  by_age_.push_back(id);
}

CommandServerEffects CommandServerCore::drop(const std::string& route) {
  CommandServerEffects effects;
  peers_.drop(route, effects.peers);
  return effects;
}

CommandServerEffects CommandServerCore::greet_all(const AuthorizedKeys& keys) {
  CommandServerEffects effects;
  peers_.greet_all(keys, effects.peers);
  return effects;
}

CommandServerEffects CommandServerCore::set_open(bool open) {
  CommandServerEffects effects;
  peers_.set_open(open, effects.peers);
  return effects;
}

}  // namespace rostrum::bus
