// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/core/directory.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::registration {
namespace {

using State = Account::State;

class DirectoryRules : public testing::Test {
 protected:
  static MemberStated member(const std::string& id, Revision revision, const std::string& password = "sealed",
                             const std::string& jid = "") {
    return {MemberId::parse(id).value(),
            revision,
            Jid::parse(jid.empty() ? id + "@example.org" : jid).value(),
            "Name of " + id,
            {GroupId::parse("staff").value()},
            password};
  }
  static MemberGone gone(const std::string& id, Revision revision) {
    return {MemberId::parse(id).value(), revision};
  }
  static PasswordStated password(const std::string& id, Revision revision, const std::string& sealed) {
    return {MemberId::parse(id).value(), revision, sealed};
  }
  static GroupStated group(const std::string& id, Revision revision, const std::string& title) {
    return {GroupId::parse(id).value(), revision, title};
  }

  void accept(const Event& event, const std::string& source = "forum") {
    const auto rejection = directory.apply(source, event, event_id);
    EXPECT_FALSE(rejection) << rejection->text;
  }
  v1::RejectionCode reject(const Event& event, const std::string& source = "forum") {
    const auto rejection = directory.apply(source, event, event_id);
    return rejection ? rejection->code : v1::REJECTION_CODE_UNSPECIFIED;
  }
  const Member* changed(const std::string& id, const std::string& source = "forum") {
    for (const auto& [key, member] : directory.changed_members()) {
      if (key == Key{source, id}) return &member;
    }
    return nullptr;
  }
  const Account* account(const std::string& jid) {
    for (const auto* each : directory.changed_accounts()) {
      if (each->jid == jid) return each;
    }
    return nullptr;
  }
  void load_present(const std::string& id, Revision revision) {
    directory.load(Key{"forum", id}, Member{id + "@example.org", "Name", revision, true, std::nullopt});
    auto loaded = Account{};
    loaded.jid = id + "@example.org";
    loaded.source = "forum";
    loaded.member_id = id;
    loaded.state = State::kActive;
    loaded.exists = loaded.attempted = true;
    directory.load(std::move(loaded));
  }

  SeededRandom random{1};
  Uuid event_id = Uuid::make_v4(random);
  test::FakeClock clock;
  Directory directory{random};
};

TEST_F(DirectoryRules, remember_the_event_that_set_an_account_in_motion_last) {
  accept(member("anna", 1));
  const auto first = event_id;
  EXPECT_EQ(account("anna@example.org")->origin->event, first);
  EXPECT_EQ(account("anna@example.org")->origin->source, "forum");
  event_id = Uuid::make_v4(random);
  accept(member("anna", 2, ""));
  EXPECT_EQ(account("anna@example.org")->origin->event, first) << "it changed groups alone";
  accept(gone("anna", 3));
  EXPECT_EQ(account("anna@example.org")->origin->event, event_id);
}

TEST_F(DirectoryRules, request_an_account_for_a_new_member) {
  accept(member("anna", 1));
  EXPECT_TRUE(changed("anna")->present);
  EXPECT_EQ(changed("anna")->groups, std::vector<std::string>{"staff"});
  EXPECT_EQ(account("anna@example.org")->state, State::kRequested);
  EXPECT_EQ(account("anna@example.org")->sealed_password, "sealed");
}

TEST_F(DirectoryRules, want_a_password_at_the_first_statement) {
  EXPECT_EQ(reject(member("anna", 1, "")), v1::REJECTION_CODE_MISSING_FIELD);
  EXPECT_EQ(changed("anna"), nullptr);
  EXPECT_EQ(account("anna@example.org"), nullptr);
}

TEST_F(DirectoryRules, leave_the_account_alone_when_only_names_or_groups_change) {
  load_present("anna", 1);
  accept(member("anna", 2, ""));
  EXPECT_EQ(changed("anna")->revision, 2);
  EXPECT_EQ(account("anna@example.org"), nullptr);
}

TEST_F(DirectoryRules, take_an_older_or_equal_revision_without_effect) {
  load_present("anna", 5);
  accept(member("anna", 5, "other"));
  accept(member("anna", 4, "other", "somebody@example.org"));
  accept(gone("anna", 5));
  accept(password("anna", 3, "older"));
  EXPECT_EQ(changed("anna"), nullptr);
  EXPECT_TRUE(directory.changed_accounts().empty());
}

TEST_F(DirectoryRules, keep_a_member_s_jid_while_it_is_present) {
  load_present("anna", 1);
  EXPECT_EQ(reject(member("anna", 2, "sealed", "anne@example.org")), v1::REJECTION_CODE_JID_CHANGED);
  accept(gone("anna", 2));
  accept(member("anna", 3, "sealed", "anne@example.org"));
  EXPECT_EQ(account("anna@example.org")->goal, Account::Goal::kAbsent);
  EXPECT_EQ(account("anne@example.org")->state, State::kRequested);
}

TEST_F(DirectoryRules, refuse_a_jid_that_another_member_has_also_one_of_another_site) {
  accept(member("anna", 1));
  EXPECT_EQ(reject(member("impostor", 1, "sealed", "anna@example.org")), v1::REJECTION_CODE_JID_TAKEN);
  EXPECT_EQ(reject(member("anna", 1), "shop"), v1::REJECTION_CODE_JID_TAKEN);
  accept(gone("anna", 2));
  accept(member("anna", 1), "shop");
  EXPECT_EQ(account("anna@example.org")->source, "shop");
}

TEST_F(DirectoryRules, keep_members_of_two_sites_apart) {
  accept(member("7", 1, "sealed", "anna@example.org"), "forum");
  accept(member("7", 1, "sealed", "bob@example.org"), "shop");
  EXPECT_EQ(changed("7", "forum")->jid, "anna@example.org");
  EXPECT_EQ(changed("7", "shop")->jid, "bob@example.org");
}

TEST_F(DirectoryRules, remember_a_removal_that_overtook_its_statement) {
  accept(gone("anna", 5));
  EXPECT_FALSE(changed("anna")->present);
  accept(member("anna", 4));
  EXPECT_FALSE(changed("anna")->present);
  EXPECT_TRUE(directory.changed_accounts().empty());
  accept(member("anna", 6));
  EXPECT_TRUE(changed("anna")->present);
}

TEST_F(DirectoryRules, take_a_password_only_for_a_member) {
  EXPECT_EQ(reject(password("anna", 1, "sealed")), v1::REJECTION_CODE_UNKNOWN_MEMBER);
  accept(gone("anna", 1));
  EXPECT_EQ(reject(password("anna", 2, "sealed")), v1::REJECTION_CODE_UNKNOWN_MEMBER);
}

TEST_F(DirectoryRules, leave_groups_and_name_as_they_are_when_only_the_password_changes) {
  load_present("anna", 1);
  accept(password("anna", 2, "newer"));
  EXPECT_EQ(changed("anna")->groups, std::nullopt);
  EXPECT_EQ(changed("anna")->display_name, "Name");
  EXPECT_EQ(account("anna@example.org")->sealed_password, "newer");
}

TEST_F(DirectoryRules, see_earlier_events_of_the_same_batch) {
  accept(member("anna", 1, "first"));
  accept(password("anna", 2, "second"));
  EXPECT_EQ(account("anna@example.org")->sealed_password, "second");
  EXPECT_EQ(changed("anna")->groups, std::vector<std::string>{"staff"});
  accept(gone("anna", 3));
  EXPECT_EQ(account("anna@example.org")->state, State::kRemoved) << "never attempted";
}

TEST_F(DirectoryRules, state_and_remove_groups_by_revision) {
  accept(group("staff", 2, "Staff"));
  accept(group("staff", 1, "Old staff"));
  EXPECT_EQ(directory.changed_groups().at(0).second.title, "Staff");
  accept(GroupGone{GroupId::parse("staff").value(), 3});
  EXPECT_FALSE(directory.changed_groups().at(0).second.present);
}

TEST_F(DirectoryRules, count_accounts_that_came_and_went_without_us) {
  load_present("anna", 1);
  accept(AccountCame{Jid::parse("stranger@example.org").value()}, "gateway");
  accept(AccountCame{Jid::parse("anna@example.org").value()}, "gateway");
  accept(AccountWent{Jid::parse("nobody@example.org").value(), clock.wall()}, "gateway");
  accept(AccountWent{Jid::parse("anna@example.org").value(), clock.wall()}, "gateway");
  EXPECT_EQ(directory.drift().foreign_accounts, std::vector<std::string>{"stranger@example.org"});
  EXPECT_EQ(directory.drift().members_appeared, 1);
  EXPECT_EQ(directory.drift().members_vanished, 1);
  EXPECT_EQ(account("anna@example.org")->state, State::kDead);
}

}  // namespace
}  // namespace rostrum::registration
