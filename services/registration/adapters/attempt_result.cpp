// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/attempt_result.hpp"

#include "common/base/result.hpp"

namespace rostrum::registration {
namespace {

AttemptResult::Status status_of(bus::CommandResult::Status status) {
  using From = bus::CommandResult::Status;
  using To = AttemptResult::Status;
  switch (status) {
    case From::kDone:
      return To::kDone;
    case From::kFailed:
      return To::kFailed;
    case From::kRetry:
      return To::kRetry;
    case From::kUnknown:
      return To::kUnknown;
  }
  fail_invariant("a result without a status", __FILE__, __LINE__);
}

}  // namespace

AttemptResult attempt_result(const bus::CommandResult& result) {
  return {status_of(result.status), result.condition, result.text};
}

}  // namespace rostrum::registration
