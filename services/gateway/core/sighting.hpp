// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "services/gateway/core/presence.hpp"
#include "services/gateway/core/presence_check.hpp"

namespace rostrum::gateway {

/// From here to ViewWhole everybody who is online is named.
struct ViewBegan {};
/// Who was not named is not online; from here on changes are told.
struct ViewWhole {};
/// Nothing is known any more.
struct ViewLost {
  std::string reason;  ///< at most 128 bytes
};
/// A resource is there like this.
struct Came {
  ResourceName name;
  ResourceState state;
  MonoTime since;     ///< kUnknownMoment: nobody told
  bool copy = false;  ///< of something said before: where we know newer, it changes nothing
};
/// A resource is gone.
struct Went {
  ResourceName name;
  Departure how;
};
/// An account whose presence we are not shown any more.
struct Vanished {
  std::string localpart;
};
/// Another owner watches.
struct Superseded {
  std::string reason;
};
/// The server cannot be watched as it is; tried again later.
struct Unfit {
  std::string why;  ///< for people: what to mend
};
/// Something, or a part of it, was not believed.
struct Distrusted {
  Distrust reason;
};

/// What a source of presence tells.
using Sighting =
    std::variant<ViewBegan, ViewWhole, ViewLost, Came, Went, Vanished, Superseded, Unfit, Distrusted>;
using Sightings = std::vector<Sighting>;

}  // namespace rostrum::gateway
