// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/bus/command_client.hpp"
#include "common/bus/load.hpp"
#include "common/bus/observation_frames.hpp"
#include "common/bus/rejection.hpp"

namespace rostrum::bus {

/// The frames of bus.proto as values, so that the cores need no generated code.
enum class LinkKind { kEvent, kCommand, kObservation };

struct HelloFrame {
  std::uint32_t protocol_version;
  std::optional<LinkKind> link;  ///< nothing: a kind this version does not know
};
struct WelcomeFrame {
  std::string instance;
  Load credit;
  std::uint32_t max_frame_bytes;
  std::uint32_t max_event_bytes;
  std::uint32_t max_batch;
  std::uint32_t horizon_s;
  std::string known_as;
};
struct CreditFrame {
  Load credit;
  bool paused = false;
};
struct RefusalFrame {
  RefusalCode code;
  std::string text;
};
struct BatchFrame {
  std::vector<std::string> events;
};
struct OutcomesFrame {
  struct Outcome {
    std::string id;
    enum class Status { kAccepted, kDuplicate, kRejected } status;
    int rejection_code = 0;
    std::string text = {};
  };
  std::vector<Outcome> outcomes;
};
struct CommandsFrame {
  struct Item {
    std::string id;
    std::uint32_t time_to_live_ms;
    std::string_view type =
        {};  ///< name of the action's oneof field; empty: none, or one this version does not know
    std::shared_ptr<const rostrum::v1::Command> command;
    std::size_t bytes = 0;    ///< serialised, with id and time to live
    bool fully_known = true;  ///< no field in it is unknown to this version
  };
  std::vector<Item> commands;
};
struct ResultsFrame {
  struct Item {
    std::string id;
    CommandResult result;
  };
  std::vector<Item> results;
};
using Frame = std::variant<HelloFrame, WelcomeFrame, CreditFrame, RefusalFrame, BatchFrame, OutcomesFrame,
                           CommandsFrame, ResultsFrame, LeaseClaimFrame, LeaseReleaseFrame, LeaseAnswerFrame,
                           ObservationsFrame, ObservationsStoredFrame>;

/// Nothing for what is not a Frame. Unknown fields of the frame itself are passed over, so that the link may
/// grow.
[[nodiscard]] std::optional<Frame> decode(std::string_view bytes);
[[nodiscard]] std::string encode(const Frame& frame);

/// What a frame of work costs in credit.
[[nodiscard]] Load load_of(const BatchFrame& frame);
[[nodiscard]] Load load_of(const CommandsFrame& frame);
[[nodiscard]] Load load_of(const ObservationsFrame& frame);

/// A serialised Command: `action_bytes` is what it takes without id and time to live (at least 1).
[[nodiscard]] constexpr std::size_t size_of_command(std::size_t action_bytes, std::uint32_t time_to_live_ms) {
  std::size_t bytes = action_bytes + 18 + 1;  // an id of 16 bytes; the tag of the time
  for (; time_to_live_ms != 0; time_to_live_ms >>= 7U) ++bytes;
  return bytes;
}

/// How many bytes an event (observation) of this size takes inside its frame, at most.
[[nodiscard]] constexpr std::size_t size_in_batch(std::size_t event_bytes) {
  return event_bytes + 6;
}
/// What a frame takes beside its events, at most. (An Observations frame: see ObservationPublisher.)
inline constexpr std::size_t kFrameOverheadBytes = 16;

}  // namespace rostrum::bus
