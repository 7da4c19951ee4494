// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clients/cli/views.hpp"

namespace rostrum::cli::dead {

/// Whether this can be the id of a dead letter: a UUID, or a stanza id that holds one.
[[nodiscard]] bool is_id(const std::string& text);

/// Which dead letters; all of them where nothing is said.
struct Filter {
  std::string service;  ///< "registration" or "notification"
  std::string reason;
  std::string action;            ///< "create_account", "send_message" …
  std::string member;            ///< the site's own id
  std::string notice;            ///< UUID
  std::string source;            ///< the site
  std::string since;             ///< not given up before, as check_moment() takes it
  std::string before;            ///< given up before
  std::vector<std::string> ids;  ///< of dead letters, or stanza ids

  [[nodiscard]] bool is_empty() const;
};

/// {"counts": [{service, reason, count} …, the most first], "letters": [the latest first, at most `limit`]},
/// of one moment. A letter has the columns of the views registration.dead_letters and
/// notification.dead_letters.
[[nodiscard]] Json read_letters(const Views& views, const Filter& filter, std::size_t limit);

/// One dead letter as it is to be replayed or dropped.
struct Letter {
  std::string service;
  std::string id;
  std::string reason;
  std::string replay;  ///< what a replay would do, or the word for why nothing
};
/// The oldest first, at most `limit`; 0: all.
[[nodiscard]] std::vector<Letter> read_marked(const Views& views, const Filter& filter, std::size_t limit);

/// For people: why there is none of this id, as far as it can be told.
[[nodiscard]] std::string explain_absence(const Views& views, const std::string& id);

/// Whether a replay of this would do something. `extended`: it says for how long what is past its expiry may
/// go on.
[[nodiscard]] bool can_be_replayed(const std::string& replay, bool extended);
/// For people: what stands in the way, and what mends it.
[[nodiscard]] std::string explain_refusal(const std::string& word);

}  // namespace rostrum::cli::dead
