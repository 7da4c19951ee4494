// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace rostrum::bus {

/// Mirrors rostrum.v1.RefusalCode: rules of the link itself.
enum class RefusalCode {
  kUnspecified = 0,
  kMalformedFrame = 1,
  kUnsupported = 2,
  kNoHello = 3,
  kOverCredit = 4,
  kBatchTooLarge = 5,
  kUnreadableId = 6,
  kTooManyPeers = 7,
  kNotAuthorized = 8,
};

/// The rule as one word, for metrics.
[[nodiscard]] constexpr std::string_view word_of(RefusalCode code) {
  constexpr std::array<std::string_view, 9> kWords{"unspecified",   "malformed",      "unsupported",
                                                   "no_hello",      "over_credit",    "batch_too_large",
                                                   "unreadable_id", "too_many_peers", "not_authorized"};
  return kWords.at(static_cast<std::size_t>(code));
}

/// Mirrors the part of rostrum.v1.RejectionCode that an envelope alone can earn.
enum class EnvelopeRejection {
  kMalformed = 1,
  kTooLarge = 2,
  kInvalidId = 3,
  kIdOutsideHorizon = 4,
  kForeignSource = 6,
  kUnknownType = 7,
  kNotAuthorized = 8,
};

}  // namespace rostrum::bus
