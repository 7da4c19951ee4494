// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "common/intake/event.hpp"

namespace rostrum::test {

/// All of them, as a domain takes them.
inline std::vector<const intake::IntakeEvent*> all_of(const std::vector<intake::IntakeEvent>& events) {
  std::vector<const intake::IntakeEvent*> pointers;
  for (const auto& event : events) pointers.push_back(&event);
  return pointers;
}

}  // namespace rostrum::test
