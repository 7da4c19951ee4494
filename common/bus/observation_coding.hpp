// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/bus/frames.hpp"

namespace rostrum::v1 {
class LeaseAnswer;
class LeaseClaim;
class LeaseRelease;
class Observations;
class ObservationsStored;
}  // namespace rostrum::v1

namespace rostrum::bus {

/// The observation link's part of decode(): takes the values out of the messages.
[[nodiscard]] Frame value_of(v1::LeaseClaim& message);
[[nodiscard]] Frame value_of(v1::LeaseRelease& message);
[[nodiscard]] Frame value_of(v1::LeaseAnswer& message);
[[nodiscard]] Frame value_of(v1::Observations& message);
/// Nothing: a status this version does not know.
[[nodiscard]] std::optional<Frame> value_of(v1::ObservationsStored& message);

/// The observation link's part of encode().
void fill(v1::LeaseClaim& message, const LeaseClaimFrame& frame);
void fill(v1::LeaseRelease& message, const LeaseReleaseFrame& frame);
void fill(v1::LeaseAnswer& message, const LeaseAnswerFrame& frame);
void fill(v1::Observations& message, const ObservationsFrame& frame);
void fill(v1::ObservationsStored& message, const ObservationsStoredFrame& frame);

}  // namespace rostrum::bus
