// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/presence_stanzas.hpp"

#include <gloox/gloox.h>

namespace rostrum::gateway {
namespace {

constexpr const char* kDelay = "urn:xmpp:delay";

const gloox::Tag* watch_child(const gloox::Tag& message) {
  return message.findChildWithAttrib("xmlns", kPresenceNamespace);
}

std::string text_of(const gloox::Tag& parent, const std::string& child) {
  const auto* found = parent.findChild(child);
  return found != nullptr ? found->cdata() : std::string();
}

/// RFC 6121 §4.7.2.2: one text in several languages; the one without a language, else the first.
std::string status_of(const gloox::Tag& presence) {
  const gloox::Tag* best = nullptr;
  for (const auto* child : presence.children()) {
    if (child->name() != "status") continue;
    if (!child->hasAttribute("lang")) return child->cdata();  // xml:lang; gloox knows names without prefix
    if (best == nullptr) best = child;
  }
  return best != nullptr ? best->cdata() : std::string();
}

WatchMessage::Item read_item(const gloox::Tag& item) {
  using Kind = WatchMessage::Item::Kind;
  const auto kind = item.name() == "available"     ? Kind::kAvailable
                    : item.name() == "unavailable" ? Kind::kUnavailable
                                                   : Kind::kOther;
  return {kind,
          item.findAttribute("jid"),
          item.findAttribute("show"),
          item.findAttribute("priority"),
          item.findAttribute("age"),
          item.findAttribute("ending"),
          text_of(item, "status")};
}

}  // namespace

std::unique_ptr<gloox::Tag> watch_element(std::uint64_t epoch) {
  auto element = std::make_unique<gloox::Tag>("watch", gloox::XMLNS, kPresenceNamespace);
  element->addAttribute("epoch", std::to_string(epoch));
  return element;
}

std::string read_granted_watch(const gloox::Tag& iq) {
  const auto* watching = iq.findChild("watching", "xmlns", kPresenceNamespace);
  return watching != nullptr ? watching->findAttribute("watch") : std::string();
}

bool is_of_watch(const gloox::Tag& message) {
  return watch_child(message) != nullptr;
}

std::optional<WatchMessage> read_watch_message(const gloox::Tag& message) {
  const auto* element = watch_child(message);
  if (element == nullptr) return std::nullopt;
  WatchMessage read{{},
                    element->findAttribute("watch"),
                    element->findAttribute("number"),
                    element->findAttribute("reason"),
                    {}};
  if (element->name() == "presences") {
    read.kind = WatchMessage::Kind::kPresences;
    for (const auto* item : element->children()) read.items.push_back(read_item(*item));
  } else if (element->name() == "snapshot-end") {
    read.kind = WatchMessage::Kind::kSnapshotEnd;
  } else if (element->name() == "ended") {
    read.kind = WatchMessage::Kind::kEnded;
  } else {
    return std::nullopt;
  }
  return read;
}

std::unique_ptr<gloox::Tag> roster_query() {
  return std::make_unique<gloox::Tag>("query", gloox::XMLNS, gloox::XMLNS_ROSTER);
}

std::vector<RosterItem> read_roster(const gloox::Tag& iq) {
  std::vector<RosterItem> items;
  const auto* query = iq.findChild("query", "xmlns", gloox::XMLNS_ROSTER);
  if (query == nullptr) return items;
  for (const auto* item : query->children()) {
    if (item->name() == "item")
      items.push_back({item->findAttribute("jid"), item->findAttribute("subscription")});
  }
  return items;
}

ToldPresence read_presence(const gloox::Tag& presence, std::string_view domain) {
  ToldPresence told{presence.findAttribute("type"),
                    presence.findAttribute("from"),
                    text_of(presence, "show"),
                    text_of(presence, "priority"),
                    status_of(presence),
                    {}};
  // The server puts its own behind what the client sent.
  for (const auto* child : presence.children()) {
    const bool is_stamp = child->name() == "delay" && child->findAttribute("xmlns") == kDelay;
    if (is_stamp && child->findAttribute("from") == domain) told.stamp = child->findAttribute("stamp");
  }
  return told;
}

}  // namespace rostrum::gateway
