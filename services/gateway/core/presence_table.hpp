// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/gateway/core/presence.hpp"

namespace rostrum::gateway {

/// Who is online now, as far as the source of presence told: one entry for each resource of the domain, some
/// 240 bytes for an ordinary one (tests/unit/gateway/presence_memory_test.cpp).
class PresenceTable {
 public:
  struct Entry {
    std::string status;
    MonoTime since;       ///< since when it is like this; kUnknownMoment: nobody told
    std::uint32_t round;  // of naming in which it was named last
    Show show;
    std::int8_t priority;

    [[nodiscard]] ResourceState state() const { return {show, priority, status}; }
  };
  using Entries = std::map<ResourceName, Entry>;

  explicit PresenceTable(std::size_t most_resources) : most_resources_(most_resources) {}

  enum class Came {
    kNew,
    kChanged,
    kSame,  ///< known like this already: `since` stays
    kFull,  ///< not kept
  };
  [[nodiscard]] Came came(const ResourceName& name, const ResourceState& state, MonoTime since);
  /// False: it was not there.
  [[nodiscard]] bool went(const ResourceName& name);

  /// From here on everybody who is online is named; what is not named until end_naming() is gone then.
  void begin_naming() { ++round_; }
  /// Forgets what was not named; how many.
  std::size_t end_naming();

  /// The resources of one member.
  [[nodiscard]] std::vector<ResourceName> resources_of(std::string_view localpart) const;
  /// Null: it is not there.
  [[nodiscard]] const Entry* find(const ResourceName& name) const;
  /// The first after this one in the order of names (of all: after nothing); null: there is none.
  [[nodiscard]] const Entries::value_type* next_after(const std::optional<ResourceName>& name) const;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  void clear() { entries_.clear(); }

 private:
  std::size_t most_resources_;
  std::uint32_t round_ = 0;
  Entries entries_;
};

}  // namespace rostrum::gateway
