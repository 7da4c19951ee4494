// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/base/text.hpp"

namespace rostrum {

/// A name that a site gives to a thing of its own: 1 to 256 bytes of one line. Tag keeps members, groups and
/// sources apart.
template <class Tag>
class Name {
 public:
  static constexpr std::size_t kMaxBytes = 256;

  [[nodiscard]] static Result<Name, TextError> parse(std::string_view text) {
    if (auto error = check_text(text, {.max_bytes = kMaxBytes, .may_be_empty = false, .one_line = true}))
      return *error;
    return Name(std::string(text));
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// The site's own id of a member.
using MemberId = Name<struct MemberTag>;
/// The site's own id of a group.
using GroupId = Name<struct GroupTag>;

}  // namespace rostrum
