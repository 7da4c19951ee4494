// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/words.hpp"

#include <array>
#include <utility>

#include "common/base/result.hpp"

namespace rostrum::presence {

namespace {

constexpr std::array kShows{std::pair{Show::kChat, "chat"}, std::pair{Show::kOnline, "online"},
                            std::pair{Show::kAway, "away"}, std::pair{Show::kXa, "xa"},
                            std::pair{Show::kDnd, "dnd"}};
constexpr std::array kEndings{std::pair{Ending::kLeft, "left"}, std::pair{Ending::kDropped, "dropped"},
                              std::pair{Ending::kUnseen, "unseen"}};

template <class Table, class Value>
const char* find_word(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) return word;
  }
  fail_invariant("a value without a word", __FILE__, __LINE__);
}

}  // namespace

const char* word(Show show) {
  return find_word(kShows, show);
}
const char* word(Ending ending) {
  return find_word(kEndings, ending);
}
Show show_of(std::string_view word) {
  for (const auto& [value, known] : kShows) {
    if (known == word) return value;
  }
  fail_invariant("a word that the schema does not know", __FILE__, __LINE__);
}

}  // namespace rostrum::presence
