// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/random.hpp"
#include "common/base/uuid.hpp"
#include "common/intake/event.hpp"
#include "services/registration/core/account.hpp"
#include "services/registration/core/event.hpp"

namespace rostrum::registration {

/// Source and the site's own id.
using Key = std::pair<std::string, std::string>;

/// A member as it was stated last; a tombstone where it is not present.
struct Member {
  std::optional<std::string> jid;  ///< nothing where it was removed before it was ever stated
  std::string display_name;
  Revision revision = 0;
  bool present = false;
  std::optional<std::vector<std::string>> groups;  ///< as stated now; nothing: as they are in the database
};

/// A group as it was stated last.
struct Group {
  std::string title;
  Revision revision = 0;
  bool present = false;
};

/// What the Jabber server did without us, as far as it was new.
struct Drift {
  std::vector<std::string> foreign_accounts;  ///< JIDs
  int members_appeared = 0;                   ///< accounts of members that somebody else created
  int members_vanished = 0;
};

/// The part of the directory that some events are about, in memory: the rules are applied to it event by
/// event, then what changed is written. An older or equal revision changes nothing and is no mistake.
class Directory {
 public:
  explicit Directory(Random& random) : random_(random) {}

  // What the database holds now.
  void load(Key key, Member member);
  void load(Key key, Group group) { groups_.emplace(std::move(key), Kept<Group>{std::move(group)}); }
  void load(Account account);

  /// Takes in one event, or rejects it and is as before. `id`: the event's; an account that it sets in motion
  /// has it as its origin.
  [[nodiscard]] std::optional<intake::Rejection> apply(const std::string& source, const Event& event,
                                                       Uuid id);

  // What is to be written, each in the order of its key; valid until the next event.
  template <class Thing>
  using Changed = std::vector<std::pair<const Key&, const Thing&>>;
  [[nodiscard]] Changed<Member> changed_members() const;
  [[nodiscard]] Changed<Group> changed_groups() const;
  [[nodiscard]] std::vector<const Account*> changed_accounts() const;
  [[nodiscard]] const Drift& drift() const { return drift_; }

 private:
  template <class Thing>
  struct Kept {
    Thing thing;
    bool changed = false;
  };
  using Answer = std::optional<intake::Rejection>;
  Answer take(const std::string& source, const MemberStated& event);
  Answer take(const std::string& source, const MemberGone& event);
  Answer take(const std::string& source, const PasswordStated& event);
  Answer take(const std::string& source, const GroupStated& event);
  Answer take(const std::string& source, const GroupGone& event);
  Answer take(const std::string& source, const AccountCame& event);
  Answer take(const std::string& source, const AccountWent& event);

  [[nodiscard]] bool is_members_jid(const std::string& jid) const { return member_of_jid_.contains(jid); }
  void request(const Key& key, const std::string& jid, const std::string& sealed_password);
  Account& change_account(const std::string& jid);  ///< of a present member
  void set_in_motion(Kept<Account>& account);

  Random& random_;
  Origin now_applied_;
  std::map<Key, Kept<Member>> members_;
  std::map<Key, Kept<Group>> groups_;
  std::map<std::string, Kept<Account>> accounts_;
  std::map<std::string, Key> member_of_jid_;  // present members
  Drift drift_;
};

}  // namespace rostrum::registration
