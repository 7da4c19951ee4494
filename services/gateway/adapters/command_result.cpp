// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/command_result.hpp"

#include <utility>

#include "common/base/result.hpp"
#include "common/base/text.hpp"

namespace rostrum::gateway {
namespace {

using Status = bus::CommandResult::Status;

constexpr std::size_t kLongestText = 256;

Status status_of(Ending ending) {
  switch (ending) {
    case Ending::kDone:
      return Status::kDone;
    case Ending::kFailed:
      return Status::kFailed;
    case Ending::kRetry:
      return Status::kRetry;
    case Ending::kUnknown:
      return Status::kUnknown;
  }
  fail_invariant("an Ending without a status", __FILE__, __LINE__);
}

}  // namespace

bus::CommandResult command_result(Outcome outcome) {
  return {status_of(outcome.ending), std::move(outcome.condition), printable(outcome.text, kLongestText), {}};
}

}  // namespace rostrum::gateway
