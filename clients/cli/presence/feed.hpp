// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "clients/cli/output.hpp"
#include "clients/cli/views.hpp"

namespace rostrum::cli {

/// The present state, and then every change of it, without a gap between them: each domain's changes are
/// numbered in the order of the commits, and what was told last is remembered across a loss of the database.
///
/// News are objects with `event`:
///   domain    a row of presence.domains with `held` and `reason`: known, or not known any more
///   device    a row of presence.resource_now, while the present state is told
///   live      the present state has been told; `devices`: how many
///   change    a row of presence.transitions with `before` and `what`
///   database  `away`: true with `text`, or false again
class Feed {
 public:
  using Tell = std::function<void(const Json& news)>;
  /// Whose changes: of this group, of this member; empty: anybody's.
  struct Filter {
    std::string group;
    std::string member;
  };
  Feed(Session& session, Filter filter, Tell tell);

  /// Tells what is new. The first time throws Failure as Views does; later a database that is away is news.
  void look();

 private:
  void look_now();
  void begin(const Json& seen);
  void tell_domain(const Json& domain);
  void tell_changes(const std::string& domain, std::int64_t up_to);
  [[nodiscard]] bool has_gone_back(const Json& domains) const;

  Session& session_;
  const Filter filter_;
  const Tell tell_;
  std::optional<Views> views_;
  bool begun_ = false;
  bool away_ = false;
  std::map<std::string, Json> domains_;       ///< as last told; what is known of the future ones is nothing
  std::map<std::string, std::int64_t> told_;  ///< the number of each domain's last change that was told
};

}  // namespace rostrum::cli
