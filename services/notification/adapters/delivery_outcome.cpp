// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/delivery_outcome.hpp"

#include "common/base/result.hpp"

namespace rostrum::notification {

Outcome delivery_outcome(const bus::CommandResult& result) {
  using Status = bus::CommandResult::Status;
  switch (result.status) {
    case Status::kDone:
      return {Outcome::Status::kDone};
    case Status::kFailed:
      return {Outcome::Status::kFailed, result.condition, result.text};
    case Status::kRetry:
      return {Outcome::Status::kRetry};
    case Status::kUnknown:
      return {Outcome::Status::kUnknown};
  }
  fail_invariant("a result without a status", __FILE__, __LINE__);
}

}  // namespace rostrum::notification
