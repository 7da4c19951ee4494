// SPDX-License-Identifier: Apache-2.0
#include "common/bus/observation_coding.hpp"

#include <iterator>
#include <utility>

#include "rostrum/v1/presence.pb.h"

namespace rostrum::bus {

namespace {

using Status = ObservationsStoredFrame::Status;

std::optional<Status> status_of(v1::StoreStatus status) {
  switch (status) {
    case v1::STORE_STATUS_STORED:
      return Status::kStored;
    case v1::STORE_STATUS_STALE:
      return Status::kStale;
    case v1::STORE_STATUS_GAP:
      return Status::kGap;
    default:
      return std::nullopt;
  }
}

v1::StoreStatus number_of(Status status) {
  switch (status) {
    case Status::kStored:
      return v1::STORE_STATUS_STORED;
    case Status::kStale:
      return v1::STORE_STATUS_STALE;
    case Status::kGap:
      return v1::STORE_STATUS_GAP;
  }
  return v1::STORE_STATUS_UNSPECIFIED;
}

}  // namespace

Frame value_of(v1::LeaseClaim& message) {
  return LeaseClaimFrame{std::move(*message.mutable_domain()), std::move(*message.mutable_token()),
                         message.number(), message.behind_ms()};
}

Frame value_of(v1::LeaseRelease& message) {
  return LeaseReleaseFrame{std::move(*message.mutable_domain()), message.epoch()};
}

Frame value_of(v1::LeaseAnswer& message) {
  return LeaseAnswerFrame{std::move(*message.mutable_domain()),
                          message.number(),
                          message.granted(),
                          message.epoch(),
                          message.last_sequence(),
                          message.valid_ms(),
                          std::move(*message.mutable_owner())};
}

Frame value_of(v1::Observations& message) {
  auto& observations = *message.mutable_observations();
  return ObservationsFrame{
      std::move(*message.mutable_domain()),
      message.epoch(),
      message.first_sequence(),
      {std::make_move_iterator(observations.begin()), std::make_move_iterator(observations.end())}};
}

std::optional<Frame> value_of(v1::ObservationsStored& message) {
  const auto status = status_of(message.status());
  if (!status) return std::nullopt;
  return ObservationsStoredFrame{std::move(*message.mutable_domain()), message.epoch(), *status,
                                 message.last_sequence()};
}

void fill(v1::LeaseClaim& message, const LeaseClaimFrame& frame) {
  message.set_domain(frame.domain);
  message.set_token(frame.token);
  message.set_number(frame.number);
  message.set_behind_ms(frame.behind_ms);
}

void fill(v1::LeaseRelease& message, const LeaseReleaseFrame& frame) {
  message.set_domain(frame.domain);
  message.set_epoch(frame.epoch);
}

void fill(v1::LeaseAnswer& message, const LeaseAnswerFrame& frame) {
  message.set_domain(frame.domain);
  message.set_number(frame.number);
  message.set_granted(frame.granted);
  message.set_epoch(frame.epoch);
  message.set_last_sequence(frame.last_sequence);
  message.set_valid_ms(frame.valid_ms);
  message.set_owner(frame.owner);
}

void fill(v1::Observations& message, const ObservationsFrame& frame) {
  message.set_domain(frame.domain);
  message.set_epoch(frame.epoch);
  message.set_first_sequence(frame.first_sequence);
  for (const auto& observation : frame.observations) message.add_observations(observation);
}

void fill(v1::ObservationsStored& message, const ObservationsStoredFrame& frame) {
  message.set_domain(frame.domain);
  message.set_epoch(frame.epoch);
  message.set_status(number_of(frame.status));
  message.set_last_sequence(frame.last_sequence);
}

}  // namespace rostrum::bus
