// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/uuid.hpp"
#include "rostrum/v1/bus.pb.h"
#include "rostrum/v1/event.pb.h"

namespace rostrum::intake {

/// Why an event is not taken: the code for programs, the text (what, where, what to do) for people.
struct Rejection {
  v1::RejectionCode code;
  std::string text;
};

/// An event whose envelope is good (bus::EventIntake) and whose bytes have been read.
struct IntakeEvent {
  EventId id;
  std::string source;     ///< authenticated
  std::string_view type;  ///< name of the payload's oneof field
  v1::Event event;
};

/// Some of the events of a batch, which keeps them.
using IntakeEvents = std::span<const IntakeEvent* const>;

}  // namespace rostrum::intake
