// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/jid.hpp"
#include "services/gateway/core/presence.hpp"

namespace rostrum::gateway {

/// Why something that was told of a presence, or a part of it, is not believed.
enum class Distrust {
  kForged,      ///< told in the server's name by somebody else
  kMalformed,   ///< an element that the presence watch does not have
  kWrongWatch,  ///< of a watch that is not ours
  kGap,         ///< a number of the watch is missing
  kAddress,     ///< no JID as servers stamp them
  kForeign,     ///< of another domain
  kNoResource,  ///< a bare JID: of nobody's session
  kReserved,    ///< the site's own account or the control account: no members
  kStranger,    ///< of the domain, but no contact whose presence we are to see
  kType,        ///< a presence that says nothing about being there: subscriptions, probes, errors
  kDelayed,     ///< a copy (XEP-0203) of what is newer already
  kShow,        ///< the show is none; the resource counts as showing nothing
  kPriority,    ///< not -128 to 127; counts as 0
  kStatus,      ///< text that no stanza can carry; counts as empty
  kAge,         ///< no number of seconds; counts as not told
  kEnding,      ///< the ending is none; counts as dropped
  kTooMany,     ///< more resources than we hold
};
inline constexpr Distrust kLastDistrust = Distrust::kTooMany;

/// For metrics: `foreign`, `no-resource`, …
[[nodiscard]] std::string_view label(Distrust reason);

using Distrusts = std::vector<Distrust>;

/// Which addresses we believe to be members' resources.
class PresenceAddresses {
 public:
  /// `reserved`: accounts of the domain that are no members.
  PresenceAddresses(std::string domain, const std::vector<Jid>& reserved);

  /// A full JID as a server stamps it: prepared, of our domain, a member's.
  [[nodiscard]] Result<ResourceName, Distrust> read(std::string_view full_jid) const;
  [[nodiscard]] const std::string& domain() const { return domain_; }

 private:
  std::string domain_;
  std::set<std::string, std::less<>> reserved_;  // localparts
};

/// What a client said of itself, as text.
struct ToldState {
  std::string_view show;      ///< empty: none
  std::string_view priority;  ///< likewise
  std::string_view status;    ///< likewise
};

/// That a resource is there is the server's word, how it is there the client's: a word of the client that
/// cannot be is left out and named in `distrusts`, and the resource is there all the same.
[[nodiscard]] ResourceState read_state(const ToldState& told, Distrusts& distrusts);

/// A whole number of seconds below 2^30 (34 years).
[[nodiscard]] std::optional<Milliseconds> read_age(std::string_view seconds);

}  // namespace rostrum::gateway
