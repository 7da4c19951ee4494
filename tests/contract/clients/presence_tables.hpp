// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "tests/support/database/database.hpp"

namespace rostrum::test {

/// Fills the tables of presence as the service would, all of the domain site.test. Moments are SQL: "now()",
/// "now() - interval '5 minutes'".
class PresenceTables {
 public:
  explicit PresenceTables(const Database& database) : database_(database) {}

  /// A member of the site `site`, jid NAME@site.test, in a group if one is named.
  void add_member(const std::string& name, const std::string& group = {}) const;
  /// A gateway takes the lease and has seen everybody since then.
  void see_all(const std::string& since, const std::string& gateway = "gateway-1") const;
  /// Its view is lost: it says so.
  void lose_sight(const std::string& at, const std::string& reason) const;
  /// It is silent: nobody says so.
  void fall_silent(const std::string& since) const;

  struct Device {
    std::string member;
    std::string resource = "phone";
    std::string show = "online";
    std::string status = {};
    std::string since = "now()";
    bool uncertain = false;
    int priority = 0;
  };
  /// It comes, or is like this from then on: one transaction, the next number of the domain.
  void is(const Device& device) const;
  /// It goes.
  void goes(const std::string& member, const std::string& resource, const std::string& ending = "left",
            const std::string& at = "now()", bool uncertain = false) const;

 private:
  const Database& database_;
};

}  // namespace rostrum::test
