// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace rostrum::bench {

/// One presence of the crowd whose changes both sides write: the n-th change is of member n modulo `members`,
/// and differs from that member's one before.
struct Presence {
  std::string jid;
  std::string resource;
  std::size_t show;  ///< 0 to 4: online, chat, away, xa, dnd
  int priority;
  std::string status;
};
[[nodiscard]] Presence presence_of(const std::string& domain, std::size_t members, std::size_t change);

}  // namespace rostrum::bench
