// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/link_report.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::service {
namespace {

using bus::LinkTrouble;

// Of one pool, with those that its names had before.
constexpr std::size_t kMostAddresses = 512;

constexpr LinkTrouble kAll[] = {
    LinkTrouble::kNone,         LinkTrouble::kUnresolved,      LinkTrouble::kUnreachable,
    LinkTrouble::kServerKey,    LinkTrouble::kSilentHandshake, LinkTrouble::kUnknownKey,
    LinkTrouble::kTooManyPeers, LinkTrouble::kNotAuthorized,   LinkTrouble::kUnsupported,
    LinkTrouble::kFrameRefused,
};

}  // namespace

bool LinkNews::worth_a_line(const bus::LinkEvent& event, MonoTime now) {
  const bool connected = event.kind == bus::LinkEvent::Kind::kConnected;
  if (at_.size() >= kMostAddresses && !at_.contains(event.endpoint))
    std::erase_if(at_, [](const auto& one) { return !one.second.connected; });
  const auto [found, is_new] = at_.try_emplace(event.endpoint, At{connected, event.trouble, now});
  last_ = event.text + "; " + std::string(remedy(event.trouble));
  auto& at = found->second;
  const bool same = !is_new && at.connected == connected && at.trouble == event.trouble;
  if (same && now - at.said < kAgain) return false;
  at = {connected, event.trouble, now};
  return true;
}

std::string LinkNews::trouble() const {
  const bool any = std::any_of(at_.begin(), at_.end(), [](const auto& one) { return one.second.connected; });
  return any ? std::string() : last_;
}

LinkReport::LinkReport(log::Log& log, metrics::Registry& registry, const Clock& clock,
                       const std::string& service, std::string destination)
    : log_(log), clock_(clock), destination_(std::move(destination)) {
  for (const auto trouble : kAll)
    failures_[trouble] = &registry.counter(
        "rostrum_" + service + "_link_failures_total",
        "Connections to other services that were lost (lost) or could not be made, by what kept us from them",
        {{"destination", destination_}, {"reason", std::string(label(trouble))}});
}

void LinkReport::hear(const bus::LinkEvent& event) {
  const bool line = news_.worth_a_line(event, clock_.mono());
  if (event.kind == bus::LinkEvent::Kind::kConnected)
    return log_.info("link_connected",
                     {{"destination", destination_}, {"endpoint", event.endpoint}, {"detail", event.text}});
  failures_.at(event.trouble)->add();
  const std::initializer_list<log::Field> fields = {{"destination", destination_},
                                                    {"endpoint", event.endpoint},
                                                    {"reason", label(event.trouble)},
                                                    {"detail", event.text},
                                                    {"do", remedy(event.trouble)}};
  const auto* name = needs_somebody(event.trouble) ? "link_refused" : "link_lost";
  line ? log_.warning(name, fields) : log_.debug(name, fields);
}

}  // namespace rostrum::service
