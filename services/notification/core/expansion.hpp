// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/base/uuid.hpp"
#include "services/notification/core/notice.hpp"

namespace rostrum::notification {

/// A notice some of whose deliveries are still to be made.
struct Expanding {
  Uuid id;
  std::string source;
  Kind kind = Kind::kAnnouncement;
  Audience audience;
  std::string cursor;  ///< deliveries are made up to this member; empty at the beginning
};

/// The next members of an audience to make deliveries for.
struct Page {
  AudienceKind kind;
  std::vector<std::string> ids;  ///< groups: all of them; members: only those of this page
  std::string after;             ///< members beyond this one, byte by byte
  std::size_t limit;             ///< at most so many
};

/// Where a notice stands after a page.
struct Expanded {
  std::string cursor;
  bool complete;  ///< there are no more
};

/// The order in which notices get a page each: alerts before announcements, sources taking turns within a
/// lane, each source's oldest first.
[[nodiscard]] std::vector<Expanding> by_turns(std::vector<Expanding> notices);

/// How large each notice's page is when so many share `rows`: a notice to everybody must not make a notice to
/// one wait.
[[nodiscard]] std::size_t page_rows(std::size_t rows, std::size_t notices);

[[nodiscard]] Page next_page(const Expanding& notice, std::size_t limit);

/// `made`: how many members the page held; `last`: the last of them (anything when there was none).
[[nodiscard]] Expanded after_page(const Expanding& notice, const Page& page, std::size_t made,
                                  const std::string& last);

}  // namespace rostrum::notification
