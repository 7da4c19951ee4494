// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/database.hpp"
#include "tests/simulation/gateway_process.hpp"
#include "tests/simulation/jabber_server.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/site.hpp"
#include "tests/simulation/store.hpp"

namespace rostrum::simulation {

/// A site states members and publishes notices; two instances of registration and of notification on one
/// database carry it to a Jabber server through two gateways, while things break. In the end all of it has
/// ended, and the server is as the site wanted it.
class WorkHistory {
 public:
  explicit WorkHistory(World& world);

  /// Lives until everything broken is whole again and nothing is left to do, and looks at the promises all
  /// the while and in the end.
  void play();

 private:
  struct Stated {
    EventId id;
    std::string member;
    std::int64_t revision;
    bool present;
    std::string password;  ///< empty: none was said
    bool culprit;
    bool outdated = false;  ///< its id is of a day that nobody remembers
  };

  // what the site says
  void say_something();
  void state_member();
  void publish_notice();
  void say_again(Outbox& outbox, const LedgerTable& ledger);
  // what breaks
  void break_something();
  // what must hold
  void heard(const Outbox::Saying& saying, const LedgerTable& ledger) const;
  [[nodiscard]] std::string what_is_open() const;
  void expect_members_as_stated() const;
  void expect_accounts_as_wanted() const;
  void expect_notices_delivered() const;
  void expect_nothing_invented() const;
  [[nodiscard]] const Stated* last_accepted(const std::string& member) const;

  World& world_;
  Network network_;
  bus::AuthorizedKeys keys_;
  Store<Database> store_;
  JabberServer server_;
  UnderWay under_way_;
  Outbox members_;
  Outbox notices_;
  std::vector<Stated> stated_;
  std::map<std::string, std::int64_t> revisions_;  ///< the last that was said of a member
  std::set<std::string> foreign_;                  ///< JIDs
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::string> addresses_;
};

}  // namespace rostrum::simulation
