// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <any>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/gateway/core/door.hpp"
#include "tests/simulation/network.hpp"

namespace rostrum::simulation {

// What goes over a stream between a gateway and the Jabber server.
struct DoorAsked {
  std::uint64_t request;
  gateway::DoorRequest::Action action;
  std::string jid;
  std::string claim;
  std::string password;
};
struct DoorReplied {
  std::uint64_t request;
  gateway::DoorReply reply;
};
struct Stanza {
  std::string to;
  std::string id;
};
struct BarrierAsked {
  std::uint64_t number;
};
struct BarrierReached {
  std::uint64_t number;
};

/// A Jabber server with the account door (docs/account-door.md): handles a stream's requests in their order,
/// forgets no account and no message, and may die between doing and answering. Slow, it does one thing after
/// the other in the order of their arrival, also what came by a stream that its gateway has given up since.
class JabberServer {
 public:
  static constexpr const char* kAddress = "the Jabber server";

  JabberServer(World& world, Network& network);

  /// All streams end; it is back after a while with all it had stored.
  void die();
  /// Each thing takes its time, for so long.
  void be_slow(Milliseconds duration);
  /// An account that was there before anybody asked for it.
  void make_foreign_account(const std::string& jid) { accounts_[jid] = {"", "of-its-owner"}; }
  /// Nobody can have an account of this name.
  void forbid(const std::string& jid) { forbidden_.insert(jid); }

  struct Account {
    std::string claim;  ///< empty: foreign
    std::string password;
  };
  /// Null: there is none.
  [[nodiscard]] const Account* find(const std::string& jid) const;
  [[nodiscard]] const std::map<std::string, Account>& accounts() const { return accounts_; }
  /// How often a stanza was handed over.
  [[nodiscard]] std::size_t copies(const std::string& stanza_id) const;
  [[nodiscard]] const std::map<std::string, std::vector<MonoTime>>& handed_over() const {
    return handed_over_;
  }

 private:
  void listen();
  struct Arrived {
    ConnectionPtr stream;
    std::any message;
  };
  void arrived(const ConnectionPtr& stream, std::any message);
  void serve_waiting();
  void serve_oldest();
  void handle(const ConnectionPtr& stream, const DoorAsked& asked);
  void handle(const ConnectionPtr& stream, const Stanza& stanza);
  void handle(const ConnectionPtr& stream, const BarrierAsked& asked);
  void answer(const ConnectionPtr& stream, std::any what);
  [[nodiscard]] gateway::DoorReply serve(const DoorAsked& asked);

  World& world_;
  Network& network_;
  std::map<std::string, Account> accounts_;
  std::set<std::string> forbidden_;
  std::map<std::string, std::vector<MonoTime>> handed_over_;  ///< by stanza id
  std::map<std::string, std::string> stanza_of_;              ///< notice and member → stanza id
  std::vector<ConnectionPtr> streams_;
  std::deque<Arrived> waiting_;
  bool busy_ = false;
  MonoTime slow_until_{};
  Milliseconds longest_pause_{};  ///< while slow, before each thing
  std::unique_ptr<Life> life_;
};

}  // namespace rostrum::simulation
