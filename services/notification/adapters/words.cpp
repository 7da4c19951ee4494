// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/words.hpp"

#include <utility>

#include "common/base/result.hpp"

namespace rostrum::notification {

namespace {

constexpr std::array kKinds{std::pair{Kind::kAlert, "alert"}, std::pair{Kind::kAnnouncement, "announcement"}};
constexpr std::array kAudiences{std::pair{AudienceKind::kAll, "all"},
                                std::pair{AudienceKind::kGroups, "groups"},
                                std::pair{AudienceKind::kMembers, "members"}};
constexpr std::array kStates{std::pair{State::kQueued, "queued"},
                             std::pair{State::kAttempting, "attempting"},
                             std::pair{State::kSent, "sent"},
                             std::pair{State::kDelivered, "delivered"},
                             std::pair{State::kFailed, "failed"},
                             std::pair{State::kExpired, "expired"},
                             std::pair{State::kSuppressed, "suppressed"}};

template <class Table, class Value>
const char* find_word(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) return word;
  }
  fail_invariant("a value without a word", __FILE__, __LINE__);
}

template <class Table>
auto find_value(const Table& table, std::string_view wanted) {
  for (const auto& [value, word] : table) {
    if (wanted == word) return value;
  }
  fail_invariant("a word that the schema does not know", __FILE__, __LINE__);
}

}  // namespace

const char* word(Kind kind) {
  return find_word(kKinds, kind);
}
const char* word(AudienceKind kind) {
  return find_word(kAudiences, kind);
}
const char* word(State state) {
  return find_word(kStates, state);
}
Kind kind_of(std::string_view word) {
  return find_value(kKinds, word);
}
AudienceKind audience_kind_of(std::string_view word) {
  return find_value(kAudiences, word);
}
State state_of(std::string_view word) {
  return find_value(kStates, word);
}

}  // namespace rostrum::notification
