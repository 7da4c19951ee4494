// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/presence.hpp"

namespace rostrum::gateway {

ResourceName::ResourceName(std::string_view localpart, std::string_view resource) {
  text_.reserve(localpart.size() + 1 + resource.size());
  text_.append(localpart).append("/").append(resource);
}

}  // namespace rostrum::gateway
