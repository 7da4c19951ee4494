// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/core/directory.hpp"

#include "common/base/result.hpp"
#include "common/base/uuid.hpp"
#include "services/registration/core/account_life.hpp"

namespace rostrum::registration {

using intake::Rejection;

void Directory::load(Key key, Member member) {
  if (member.present) member_of_jid_.emplace(*member.jid, key);
  members_.emplace(std::move(key), Kept<Member>{std::move(member)});
}

void Directory::load(Account account) {
  auto jid = account.jid;
  accounts_.emplace(std::move(jid), Kept<Account>{std::move(account)});
}

std::optional<Rejection> Directory::apply(const std::string& source, const Event& event, Uuid id) {
  now_applied_ = {source, id};
  return std::visit([&](const auto& payload) { return take(source, payload); }, event);
}

Directory::Answer Directory::take(const std::string& source, const MemberStated& event) {
  const Key key{source, event.id.text()};
  const std::string& jid = event.jid.text();
  const auto known = members_.find(key);
  const bool was_present = known != members_.end() && known->second.thing.present;
  if (known != members_.end() && event.revision <= known->second.thing.revision) return std::nullopt;
  if (was_present && *known->second.thing.jid != jid) {
    return Rejection{v1::REJECTION_CODE_JID_CHANGED,
                     "jid: a member's JID cannot change; remove the member and add it again"};
  }
  if (!was_present && is_members_jid(jid))
    return Rejection{v1::REJECTION_CODE_JID_TAKEN, "jid: another member has this JID"};
  if (!was_present && event.sealed_password.empty()) {
    return Rejection{v1::REJECTION_CODE_MISSING_FIELD,
                     "sealed_password is missing: a new member's account needs a password"};
  }

  auto& [member, changed] = known != members_.end() ? known->second : members_[key];
  member = {jid, event.display_name, event.revision, true, std::vector<std::string>()};
  for (const auto& group : event.groups) member.groups->push_back(group.text());
  changed = true;
  member_of_jid_.emplace(jid, key);
  if (!was_present) {
    request(key, jid, event.sealed_password);
  } else if (!event.sealed_password.empty()) {
    want_password(change_account(jid), event.sealed_password);
  }
  return std::nullopt;
}

Directory::Answer Directory::take(const std::string& source, const MemberGone& event) {
  const Key key{source, event.id.text()};
  // One that was never stated becomes a tombstone: an older statement may still be on its way.
  auto& [member, changed] = members_[key];
  if (event.revision <= member.revision) return std::nullopt;
  const bool was_present = member.present;
  member = {member.jid, "", event.revision, false, std::vector<std::string>()};
  changed = true;
  if (was_present) {
    member_of_jid_.erase(*member.jid);
    want_absent(change_account(*member.jid));
  }
  return std::nullopt;
}

Directory::Answer Directory::take(const std::string& source, const PasswordStated& event) {
  const Key key{source, event.id.text()};
  const auto known = members_.find(key);
  if (known != members_.end() && event.revision <= known->second.thing.revision) return std::nullopt;
  if (known == members_.end() || !known->second.thing.present) {
    return Rejection{v1::REJECTION_CODE_UNKNOWN_MEMBER,
                     "subject: no such member; state the member first (member_upserted)"};
  }
  auto& [member, changed] = known->second;
  member.revision = event.revision;
  changed = true;
  want_password(change_account(*member.jid), event.sealed_password);
  return std::nullopt;
}

Directory::Answer Directory::take(const std::string& source, const GroupStated& event) {
  auto& [group, changed] = groups_[{source, event.id.text()}];
  if (event.revision <= group.revision) return std::nullopt;
  group = {event.title, event.revision, true};
  changed = true;
  return std::nullopt;
}

Directory::Answer Directory::take(const std::string& source, const GroupGone& event) {
  auto& [group, changed] = groups_[{source, event.id.text()}];
  if (event.revision <= group.revision) return std::nullopt;
  group = {"", event.revision, false};
  changed = true;
  return std::nullopt;
}

Directory::Answer Directory::take(const std::string&, const AccountCame& event) {
  // Whether a member's account is another's will be seen by its creation, which ends as a conflict; here it
  // is only told.
  if (is_members_jid(event.jid.text())) {
    ++drift_.members_appeared;
  } else {
    drift_.foreign_accounts.push_back(event.jid.text());
  }
  return std::nullopt;
}

Directory::Answer Directory::take(const std::string&, const AccountWent& event) {
  const auto account = accounts_.find(event.jid.text());
  if (account != accounts_.end() && note_vanished(account->second.thing, event.at, Uuid::make_v4(random_))) {
    set_in_motion(account->second);
    ++drift_.members_vanished;
  }
  return std::nullopt;
}

void Directory::request(const Key& key, const std::string& jid, const std::string& sealed_password) {
  const auto claim = Uuid::make_v4(random_);
  const auto known = accounts_.find(jid);
  if (known == accounts_.end()) {
    auto account = request_account(jid, key.first, key.second, sealed_password, claim);
    set_in_motion(accounts_.emplace(jid, Kept<Account>{std::move(account)}).first->second);
  } else {
    request_again(known->second.thing, key.first, key.second, sealed_password, claim);
    set_in_motion(known->second);
  }
}

Account& Directory::change_account(const std::string& jid) {
  const auto account = accounts_.find(jid);
  ROSTRUM_INVARIANT(account != accounts_.end());  // it was loaded with the member
  set_in_motion(account->second);
  return account->second.thing;
}

void Directory::set_in_motion(Kept<Account>& account) {
  account.thing.origin = now_applied_;
  account.changed = true;
}

Directory::Changed<Member> Directory::changed_members() const {
  Changed<Member> all;
  for (const auto& [key, member] : members_) {
    if (member.changed) all.emplace_back(key, member.thing);
  }
  return all;
}

Directory::Changed<Group> Directory::changed_groups() const {
  Changed<Group> all;
  for (const auto& [key, group] : groups_) {
    if (group.changed) all.emplace_back(key, group.thing);
  }
  return all;
}

std::vector<const Account*> Directory::changed_accounts() const {
  std::vector<const Account*> all;
  for (const auto& [jid, account] : accounts_) {
    if (account.changed) all.push_back(&account.thing);
  }
  return all;
}

}  // namespace rostrum::registration
