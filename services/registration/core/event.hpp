// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/jid.hpp"
#include "common/base/names.hpp"

namespace rostrum::registration {

/// Position of a statement among those about the same member or group; 1 or more.
using Revision = std::int64_t;

/// The member should exist like this.
struct MemberStated {
  MemberId id;
  Revision revision;
  Jid jid;
  std::string display_name;
  std::vector<GroupId> groups;  ///< sorted, each once
  std::string sealed_password;  ///< empty: leave it as it is
};

/// The member should not exist any more.
struct MemberGone {
  MemberId id;
  Revision revision;
};

/// The member's password is another one now.
struct PasswordStated {
  MemberId id;
  Revision revision;
  std::string sealed_password;
};

/// The group should exist like this.
struct GroupStated {
  GroupId id;
  Revision revision;
  std::string title;
};

/// The group should not exist any more.
struct GroupGone {
  GroupId id;
  Revision revision;
};

/// The server told of an account that came into being without us.
struct AccountCame {
  Jid jid;
};

/// The server told of an account's end that we did not ask for.
struct AccountWent {
  Jid jid;
  WallTime at;  ///< by the gateway's clock
};

/// An event that is good in itself.
using Event =
    std::variant<MemberStated, MemberGone, PasswordStated, GroupStated, GroupGone, AccountCame, AccountWent>;

}  // namespace rostrum::registration
