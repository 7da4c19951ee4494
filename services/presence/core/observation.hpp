// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/clock.hpp"
#include "common/base/jid.hpp"
#include "common/base/result.hpp"
#include "common/base/text.hpp"

namespace rostrum::presence {

/// A text that a stanza can carry, within a limit. Tag keeps the kinds apart.
template <class Tag, std::size_t kMost, bool kMayBeEmpty>
class StanzaText {
 public:
  static constexpr std::size_t kMaxBytes = kMost;

  [[nodiscard]] static Result<StanzaText, TextError> parse(std::string_view text) {
    if (auto error = check_text(text, {.max_bytes = kMost, .may_be_empty = kMayBeEmpty})) return *error;
    return StanzaText(std::string(text));
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  auto operator<=>(const StanzaText&) const = default;

 private:
  explicit StanzaText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// The device or program of a member (RFC 6122 §2.4).
using Resource = StanzaText<struct ResourceTag, 1'023, false>;
/// What a member writes beside its presence (RFC 6121 §4.7.2.2).
using Status = StanzaText<struct StatusTag, 1'024, true>;

/// A member's device: together a full JID.
struct ResourceKey {
  Jid jid;
  Resource resource;
  auto operator<=>(const ResourceKey&) const = default;
  bool operator==(const ResourceKey&) const = default;
};

/// RFC 6121 §4.7.2.1, the most available first; kOnline: no word of its own.
enum class Show { kChat, kOnline, kAway, kXa, kDnd };

/// How a session ends. kUnseen is never told: it follows from not being named in a snapshot.
enum class Ending { kLeft, kDropped, kUnseen };

/// How a resource that is online looks to others.
struct Appearance {
  Show show;
  std::int8_t priority;
  Status status;
  bool operator==(const Appearance&) const = default;
};

// What can be told; presence.proto says what each means.
struct Available {
  ResourceKey who;
  Appearance appearance;
};
struct Unavailable {
  ResourceKey who;
  Ending ending;
};
struct SnapshotBegan {};
struct SnapshotEnded {};
struct ViewLost {
  std::string reason;  ///< one line, at most 128 bytes
};

/// One thing that was seen.
struct Observation {
  std::optional<Milliseconds> age;  ///< when it was sent; nothing: it was so already when we came to look
  std::variant<Available, Unavailable, SnapshotBegan, SnapshotEnded, ViewLost> what;
};

/// The resource that an observation is about, if it is about one.
[[nodiscard]] inline const ResourceKey* subject_of(const Observation& observation) {
  if (const auto* available = std::get_if<Available>(&observation.what)) return &available->who;
  if (const auto* unavailable = std::get_if<Unavailable>(&observation.what)) return &unavailable->who;
  return nullptr;
}

}  // namespace rostrum::presence
