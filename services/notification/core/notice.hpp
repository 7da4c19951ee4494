// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/names.hpp"

namespace rostrum::notification {

/// What a notice is, which is also its lane: alerts overtake announcements.
enum class Kind { kAlert, kAnnouncement };

/// How the ids of an audience are to be read.
enum class AudienceKind { kAll, kGroups, kMembers };

/// To whom a notice goes.
struct Audience {
  AudienceKind kind = AudienceKind::kAll;
  std::vector<std::string> ids;  ///< groups or members, sorted byte by byte, each once; empty for all
};

/// What a site said, with every field in order.
struct Notice {
  Kind kind = Kind::kAnnouncement;
  Audience audience;
  std::string title;  ///< may be empty
  std::string body;
  std::optional<WallTime> expires_at;  ///< nothing: the deployment's default
};

}  // namespace rostrum::notification
