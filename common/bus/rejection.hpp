// SPDX-License-Identifier: Apache-2.0
#pragma once

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
