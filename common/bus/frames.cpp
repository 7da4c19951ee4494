// SPDX-License-Identifier: Apache-2.0
#include "common/bus/frames.hpp"

#include "common/bus/observation_coding.hpp"
#include "common/bus/parse.hpp"
#include "rostrum/v1/bus.pb.h"
#include "rostrum/v1/command.pb.h"

namespace rostrum::bus {

namespace {

// The two enums of rejection.hpp are the contract's, number by number.
static_assert(static_cast<int>(RefusalCode::kMalformedFrame) == v1::REFUSAL_CODE_MALFORMED_FRAME);
static_assert(static_cast<int>(RefusalCode::kUnsupported) == v1::REFUSAL_CODE_UNSUPPORTED);
static_assert(static_cast<int>(RefusalCode::kNoHello) == v1::REFUSAL_CODE_NO_HELLO);
static_assert(static_cast<int>(RefusalCode::kOverCredit) == v1::REFUSAL_CODE_OVER_CREDIT);
static_assert(static_cast<int>(RefusalCode::kBatchTooLarge) == v1::REFUSAL_CODE_BATCH_TOO_LARGE);
static_assert(static_cast<int>(RefusalCode::kUnreadableId) == v1::REFUSAL_CODE_UNREADABLE_ID);
static_assert(static_cast<int>(RefusalCode::kTooManyPeers) == v1::REFUSAL_CODE_TOO_MANY_PEERS);
static_assert(static_cast<int>(RefusalCode::kNotAuthorized) == v1::REFUSAL_CODE_NOT_AUTHORIZED);
static_assert(static_cast<int>(EnvelopeRejection::kMalformed) == v1::REJECTION_CODE_MALFORMED);
static_assert(static_cast<int>(EnvelopeRejection::kTooLarge) == v1::REJECTION_CODE_TOO_LARGE);
static_assert(static_cast<int>(EnvelopeRejection::kInvalidId) == v1::REJECTION_CODE_INVALID_ID);
static_assert(static_cast<int>(EnvelopeRejection::kIdOutsideHorizon) ==
              v1::REJECTION_CODE_ID_OUTSIDE_HORIZON);
static_assert(static_cast<int>(EnvelopeRejection::kForeignSource) == v1::REJECTION_CODE_FOREIGN_SOURCE);
static_assert(static_cast<int>(EnvelopeRejection::kUnknownType) == v1::REJECTION_CODE_UNKNOWN_TYPE);
static_assert(static_cast<int>(EnvelopeRejection::kNotAuthorized) == v1::REJECTION_CODE_NOT_AUTHORIZED);

std::optional<LinkKind> link_kind(v1::LinkKind kind) {
  switch (kind) {
    case v1::LINK_KIND_EVENT:
      return LinkKind::kEvent;
    case v1::LINK_KIND_COMMAND:
      return LinkKind::kCommand;
    case v1::LINK_KIND_OBSERVATION:
      return LinkKind::kObservation;
    default:
      return std::nullopt;
  }
}

v1::LinkKind number_of(std::optional<LinkKind> kind) {
  if (!kind) return v1::LINK_KIND_UNSPECIFIED;
  switch (*kind) {
    case LinkKind::kEvent:
      return v1::LINK_KIND_EVENT;
    case LinkKind::kCommand:
      return v1::LINK_KIND_COMMAND;
    case LinkKind::kObservation:
      return v1::LINK_KIND_OBSERVATION;
  }
  return v1::LINK_KIND_UNSPECIFIED;
}

/// Of a Welcome or a Credit.
template <class Message>
Load credit_of(const Message& message) {
  return {message.credit(), message.has_credit_bytes() ? message.credit_bytes() : Load::kUncounted};
}

std::optional<Frame> outcomes_of(v1::Outcomes& message) {
  using Status = OutcomesFrame::Outcome::Status;
  OutcomesFrame frame;
  for (auto& outcome : *message.mutable_outcomes()) {
    Status status{};
    switch (outcome.status()) {
      case v1::OUTCOME_STATUS_ACCEPTED:
        status = Status::kAccepted;
        break;
      case v1::OUTCOME_STATUS_DUPLICATE:
        status = Status::kDuplicate;
        break;
      case v1::OUTCOME_STATUS_REJECTED:
        status = Status::kRejected;
        break;
      default:
        return std::nullopt;
    }
    frame.outcomes.push_back(
        {std::move(*outcome.mutable_id()), status, outcome.code(), std::move(*outcome.mutable_text())});
  }
  return frame;
}

Frame commands_of(v1::Commands& message) {
  CommandsFrame frame;
  for (auto& command : *message.mutable_commands()) {
    const auto* action = command.GetReflection()->GetOneofFieldDescriptor(
        command, v1::Command::descriptor()->FindOneofByName("action"));
    CommandsFrame::Item item{.id = command.id(),
                             .time_to_live_ms = command.time_to_live_ms(),
                             .command = nullptr,
                             .bytes = command.ByteSizeLong()};
    if (action != nullptr) item.type = action->name();
    item.fully_known = !has_unknown_fields(command);
    item.command = std::make_shared<const v1::Command>(std::move(command));
    frame.commands.push_back(std::move(item));
  }
  return frame;
}

CommandResult result_of(v1::Result& message, CommandResult::Status status) {
  CommandResult result{
      status, std::move(*message.mutable_condition()), std::move(*message.mutable_text()), {}};
  for (auto& finding : *message.mutable_findings()) {
    result.findings.push_back({std::move(*finding.mutable_name()), finding.good(),
                               std::move(*finding.mutable_detail()), std::move(*finding.mutable_remedy())});
  }
  return result;
}

std::optional<Frame> results_of(v1::Results& message) {
  using Status = CommandResult::Status;
  ResultsFrame frame;
  for (auto& result : *message.mutable_results()) {
    Status status{};
    switch (result.status()) {
      case v1::RESULT_STATUS_DONE:
        status = Status::kDone;
        break;
      case v1::RESULT_STATUS_FAILED:
        status = Status::kFailed;
        break;
      case v1::RESULT_STATUS_RETRY:
        status = Status::kRetry;
        break;
      case v1::RESULT_STATUS_UNKNOWN:
        status = Status::kUnknown;
        break;
      default:
        return std::nullopt;
    }
    frame.results.push_back({result.id(), result_of(result, status)});
  }
  return frame;
}

v1::ResultStatus status_of(CommandResult::Status status) {
  switch (status) {
    case CommandResult::Status::kDone:
      return v1::RESULT_STATUS_DONE;
    case CommandResult::Status::kFailed:
      return v1::RESULT_STATUS_FAILED;
    case CommandResult::Status::kRetry:
      return v1::RESULT_STATUS_RETRY;
    case CommandResult::Status::kUnknown:
      return v1::RESULT_STATUS_UNKNOWN;
  }
  return v1::RESULT_STATUS_UNSPECIFIED;
}

v1::OutcomeStatus status_of(OutcomesFrame::Outcome::Status status) {
  switch (status) {
    case OutcomesFrame::Outcome::Status::kAccepted:
      return v1::OUTCOME_STATUS_ACCEPTED;
    case OutcomesFrame::Outcome::Status::kDuplicate:
      return v1::OUTCOME_STATUS_DUPLICATE;
    case OutcomesFrame::Outcome::Status::kRejected:
      return v1::OUTCOME_STATUS_REJECTED;
  }
  return v1::OUTCOME_STATUS_UNSPECIFIED;
}

Load load_of(const std::vector<std::string>& items) {
  Load load{items.size(), 0};
  for (const auto& item : items) load.bytes += item.size();
  return load;
}

/// One overload a frame: fills the message that goes over the wire.
struct Writer {
  v1::Frame& out;

  void operator()(const HelloFrame& frame) const {
    out.mutable_hello()->set_protocol_version(frame.protocol_version);
    out.mutable_hello()->set_link(number_of(frame.link));
  }
  void operator()(const WelcomeFrame& frame) const {
    auto& welcome = *out.mutable_welcome();
    welcome.set_instance(frame.instance);
    welcome.set_credit(frame.credit.items);
    welcome.set_credit_bytes(frame.credit.bytes);
    welcome.set_max_frame_bytes(frame.max_frame_bytes);
    welcome.set_max_event_bytes(frame.max_event_bytes);
    welcome.set_max_batch(frame.max_batch);
    welcome.set_horizon_s(frame.horizon_s);
    welcome.set_known_as(frame.known_as);
  }
  void operator()(const CreditFrame& frame) const {
    out.mutable_credit()->set_credit(frame.credit.items);
    out.mutable_credit()->set_credit_bytes(frame.credit.bytes);
    out.mutable_credit()->set_paused(frame.paused);
  }
  void operator()(const RefusalFrame& frame) const {
    out.mutable_refusal()->set_code(static_cast<v1::RefusalCode>(frame.code));
    out.mutable_refusal()->set_text(frame.text);
  }
  void operator()(const BatchFrame& frame) const {
    auto& events = *out.mutable_batch()->mutable_events();
    for (const auto& event : frame.events) *events.Add() = event;
  }
  void operator()(const OutcomesFrame& frame) const {
    auto& outcomes = *out.mutable_outcomes()->mutable_outcomes();
    for (const auto& outcome : frame.outcomes) {
      auto& message = *outcomes.Add();
      message.set_id(outcome.id);
      message.set_status(status_of(outcome.status));
      message.set_code(static_cast<v1::RejectionCode>(outcome.rejection_code));
      message.set_text(outcome.text);
    }
  }
  void operator()(const CommandsFrame& frame) const {
    auto& commands = *out.mutable_commands()->mutable_commands();
    for (const auto& item : frame.commands) {
      auto& message = *commands.Add();
      if (item.command) message = *item.command;
      message.set_id(item.id);
      message.set_time_to_live_ms(item.time_to_live_ms);
    }
  }
  void operator()(const ResultsFrame& frame) const {
    auto& results = *out.mutable_results()->mutable_results();
    for (const auto& item : frame.results) {
      auto& message = *results.Add();
      message.set_id(item.id);
      message.set_status(status_of(item.result.status));
      message.set_condition(item.result.condition);
      message.set_text(item.result.text);
      for (const auto& finding : item.result.findings) {
        auto& found = *message.add_findings();
        found.set_name(finding.name);
        found.set_good(finding.good);
        found.set_detail(finding.detail);
        found.set_remedy(finding.remedy);
      }
    }
  }
  void operator()(const LeaseClaimFrame& frame) const { fill(*out.mutable_lease_claim(), frame); }
  void operator()(const LeaseReleaseFrame& frame) const { fill(*out.mutable_lease_release(), frame); }
  void operator()(const LeaseAnswerFrame& frame) const { fill(*out.mutable_lease_answer(), frame); }
  void operator()(const ObservationsFrame& frame) const { fill(*out.mutable_observations(), frame); }
  void operator()(const ObservationsStoredFrame& frame) const {
    fill(*out.mutable_observations_stored(), frame);
  }
};

}  // namespace

Load load_of(const BatchFrame& frame) {
  return load_of(frame.events);
}

Load load_of(const CommandsFrame& frame) {
  Load load{frame.commands.size(), 0};
  for (const auto& item : frame.commands) load.bytes += item.bytes;
  return load;
}

Load load_of(const ObservationsFrame& frame) {
  return load_of(frame.observations);
}

std::optional<Frame> decode(std::string_view bytes) {
  v1::Frame message;
  if (!parse_strictly(bytes, message)) return std::nullopt;
  switch (message.kind_case()) {
    case v1::Frame::kHello:
      return HelloFrame{message.hello().protocol_version(), link_kind(message.hello().link())};
    case v1::Frame::kWelcome: {
      auto& welcome = *message.mutable_welcome();
      return WelcomeFrame{std::move(*welcome.mutable_instance()),
                          credit_of(welcome),
                          welcome.max_frame_bytes(),
                          welcome.max_event_bytes(),
                          welcome.max_batch(),
                          welcome.horizon_s(),
                          std::move(*welcome.mutable_known_as())};
    }
    case v1::Frame::kCredit:
      return CreditFrame{credit_of(message.credit()), message.credit().paused()};
    case v1::Frame::kRefusal:
      return RefusalFrame{static_cast<RefusalCode>(message.refusal().code()), message.refusal().text()};
    case v1::Frame::kBatch: {
      auto& events = *message.mutable_batch()->mutable_events();
      return BatchFrame{{std::make_move_iterator(events.begin()), std::make_move_iterator(events.end())}};
    }
    case v1::Frame::kOutcomes:
      return outcomes_of(*message.mutable_outcomes());
    case v1::Frame::kCommands:
      return commands_of(*message.mutable_commands());
    case v1::Frame::kResults:
      return results_of(*message.mutable_results());
    case v1::Frame::kLeaseClaim:
      return value_of(*message.mutable_lease_claim());
    case v1::Frame::kLeaseRelease:
      return value_of(*message.mutable_lease_release());
    case v1::Frame::kLeaseAnswer:
      return value_of(*message.mutable_lease_answer());
    case v1::Frame::kObservations:
      return value_of(*message.mutable_observations());
    case v1::Frame::kObservationsStored:
      return value_of(*message.mutable_observations_stored());
    case v1::Frame::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string encode(const Frame& frame) {
  v1::Frame message;
  std::visit(Writer{message}, frame);
  return message.SerializeAsString();
}

}  // namespace rostrum::bus
