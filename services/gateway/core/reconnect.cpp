// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/reconnect.hpp"

#include "common/base/result.hpp"

namespace rostrum::gateway {

void Reconnect::start(MonoTime now) {
  due_ = now;
}

void Reconnect::reached(StreamStep step, MonoTime now) {
  step_ = step;
  pinged_ = false;
  if (step == StreamStep::kOnline) failures_ = 0;
  due_ = now + (step == StreamStep::kOnline ? times_.ping_every : times_.step_deadline);
}

void Reconnect::heard(MonoTime now) {
  if (step_ == StreamStep::kOnline) reached(StreamStep::kOnline, now);
}

Milliseconds Reconnect::lost(StreamLoss loss, MonoTime now, Random& random) {
  step_ = StreamStep::kResting;
  ++failures_;
  const bool patient =
      loss == StreamLoss::kNotAuthentic || loss == StreamLoss::kConflict || loss == StreamLoss::kNotSecure;
  const auto pause = (patient ? times_.patient : times_.ordinary).delay(failures_, random);
  due_ = now + pause;
  return pause;
}

Reconnect::Action Reconnect::tick(MonoTime now) {
  if (now < due_) return Action::kNothing;
  if (step_ == StreamStep::kResting) {
    reached(StreamStep::kConnecting, now);
    return Action::kConnect;
  }
  if (step_ == StreamStep::kOnline && !pinged_) {
    pinged_ = true;
    due_ = now + times_.ping_deadline;
    return Action::kPing;
  }
  due_ = MonoTime::max();  // until the loss is told
  return Action::kGiveUp;
}

std::string_view label(StreamStep step) {
  switch (step) {
    case StreamStep::kResting:
      return "resting";
    case StreamStep::kConnecting:
      return "connecting";
    case StreamStep::kSecuring:
      return "securing";
    case StreamStep::kAuthenticating:
      return "authenticating";
    case StreamStep::kBinding:
      return "binding";
    case StreamStep::kProving:
      return "proving";
    case StreamStep::kOnline:
      return "online";
  }
  fail_invariant("a StreamStep without a label", __FILE__, __LINE__);
}

std::string_view label(StreamLoss loss) {
  switch (loss) {
    case StreamLoss::kUnreachable:
      return "unreachable";
    case StreamLoss::kSilent:
      return "silent";
    case StreamLoss::kDropped:
      return "dropped";
    case StreamLoss::kClosed:
      return "closed";
    case StreamLoss::kNotSecure:
      return "not-secure";
    case StreamLoss::kNotAuthentic:
      return "not-authentic";
    case StreamLoss::kConflict:
      return "conflict";
    case StreamLoss::kProtocol:
      return "protocol";
    case StreamLoss::kOverflow:
      return "overflow";
  }
  fail_invariant("a StreamLoss without a label", __FILE__, __LINE__);
}

}  // namespace rostrum::gateway
