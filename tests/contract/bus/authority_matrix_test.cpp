// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cli/roles.hpp"
#include "common/bus/command_server.hpp"
#include "common/bus/message_types.hpp"
#include "rostrum/v1/command.pb.h"
#include "tests/contract/bus/observation_fixture.hpp"
#include "tests/contract/bus/raw_peer.hpp"

namespace rostrum::bus::test {
namespace {

using Types = std::set<std::string, std::less<>>;

std::vector<const google::protobuf::FieldDescriptor*> choices(const google::protobuf::Descriptor* message,
                                                              const char* oneof) {
  const auto* choice = message->FindOneofByName(oneof);
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  for (int i = 0; i < choice->field_count(); ++i) fields.push_back(choice->field(i));
  return fields;
}

/// Every type of the contract against every role, every single grant and none, at the real ends of all three
/// links. The types come from the contract itself: a new one is looked at here before anybody thinks of it.
class AuthorityMatrix : public BusTest {
 protected:
  AuthorityMatrix()
      : intake_(reactor_, random_, *authenticator_, bind_settings(), event_types()),
        server_(reactor_, random_, *authenticator_, bind_settings(),
                {.on_command =
                     [this](const Uuid& id, const v1::Command&, MonoTime) {
                       server_.answer(id, {CommandResult::Status::kDone, "", "", {}});
                     }}),
        presence_(reactor_, random_, *authenticator_, bind_settings(), table_) {}

  static std::vector<std::string> event_types() {
    std::vector<std::string> names;
    for (const auto* field : choices(v1::Event::descriptor(), "payload")) names.push_back(field->name());
    return names;
  }
  static std::string line_of(const Types& types) {
    std::string line;
    for (const auto& type : types) line += type + " ";
    return line;
  }

  /// A connection of this key to one of the links, welcome there.
  std::unique_ptr<RawPeer> welcome(const std::string& endpoint, const KeyPair& key, v1::LinkKind link) {
    auto peer = std::make_unique<RawPeer>(reactor_, endpoint, key, server_key().public_key);
    until("the handshake is done", [&] { return peer->can_send(); });
    peer->hello(link);
    until("it is welcome", [&] { return peer->welcomed(); });
    return peer;
  }
  const KeyPair& server_key() const { return BusTest::server_; }

  /// What of everything there is was taken from this key. What was not must have been refused for its
  /// authority and for nothing else.
  Types taken_from(const KeyPair& key) {
    Types taken = events_taken_from(key);
    taken.merge(commands_taken_from(key));
    if (claims_of(key)) taken.insert(kPresenceObserved);
    return taken;
  }
  Types events_taken_from(const KeyPair& key) {
    const auto peer = welcome(intake_->endpoint(), key, v1::LINK_KIND_EVENT);
    std::map<std::string, std::string> type_of;
    v1::Frame frame;
    for (const auto* field : choices(v1::Event::descriptor(), "payload")) {
      v1::Event event;
      event.set_id(EventId::make(clock_.wall(), random_).to_bytes());
      event.GetReflection()->MutableMessage(&event, field);
      type_of.emplace(event.id(), field->name());
      frame.mutable_batch()->add_events(event.SerializeAsString());
    }
    peer->send(frame);
    std::map<std::string, v1::Outcome> outcomes;
    until("every event has its outcome", [&] {
      for (const auto& heard : peer->received) {
        for (const auto& outcome : heard.outcomes().outcomes()) outcomes[outcome.id()] = outcome;
      }
      return outcomes.size() == type_of.size();
    });
    Types taken;
    for (const auto& [id, outcome] : outcomes) {
      if (outcome.status() == v1::OUTCOME_STATUS_ACCEPTED)
        taken.insert(type_of.at(id));
      else
        EXPECT_EQ(outcome.code(), v1::REJECTION_CODE_NOT_AUTHORIZED) << type_of.at(id) << outcome.text();
    }
    return taken;
  }
  Types commands_taken_from(const KeyPair& key) {
    const auto peer = welcome(server_.endpoint(), key, v1::LINK_KIND_COMMAND);
    std::map<std::string, std::string> type_of;
    v1::Frame frame;
    for (const auto* field : choices(v1::Command::descriptor(), "action")) {
      auto& command = *frame.mutable_commands()->add_commands();
      command.set_id(Uuid::make_v4(random_).to_bytes());
      command.set_time_to_live_ms(10'000);
      command.GetReflection()->MutableMessage(&command, field);
      type_of.emplace(command.id(), field->name());
    }
    peer->send(frame);
    std::map<std::string, v1::Result> results;
    until("every command has its result", [&] {
      for (const auto& heard : peer->received) {
        for (const auto& result : heard.results().results()) results[result.id()] = result;
      }
      return results.size() == type_of.size();
    });
    Types taken;
    for (const auto& [id, result] : results) {
      if (result.status() == v1::RESULT_STATUS_DONE)
        taken.insert(type_of.at(id));
      else
        EXPECT_EQ(result.condition(), "not-authorized") << type_of.at(id);
    }
    return taken;
  }
  bool claims_of(const KeyPair& key) {
    const auto peer = welcome(presence_->endpoint(), key, v1::LINK_KIND_OBSERVATION);
    v1::Frame frame;
    frame.mutable_lease_claim()->set_domain("example.org");
    frame.mutable_lease_claim()->set_token(std::string(16, 't'));
    frame.mutable_lease_claim()->set_number(1);
    peer->send(frame);
    until("it is answered", [&] {
      return peer->last(v1::Frame::kLeaseAnswer) || peer->refusal() != v1::REFUSAL_CODE_UNSPECIFIED;
    });
    const bool taken = peer->last(v1::Frame::kLeaseAnswer).has_value();
    if (!taken) {
      EXPECT_EQ(peer->refusal(), v1::REFUSAL_CODE_NOT_AUTHORIZED);
      return false;
    }
    frame.Clear();
    frame.mutable_observations()->set_domain("example.org");
    frame.mutable_observations()->set_epoch(peer->last(v1::Frame::kLeaseAnswer)->lease_answer().epoch());
    frame.mutable_observations()->set_first_sequence(1);
    frame.mutable_observations()->add_observations("seen");
    peer->send(frame);
    until("what it saw is answered", [&] { return peer->last(v1::Frame::kObservationsStored).has_value(); });
    return true;
  }

  TakingIntake intake_;
  CommandServer server_;
  LeaseTable table_;
  Presence presence_;
};

TEST_F(AuthorityMatrix, lets_each_role_do_what_it_was_granted_and_nothing_else) {
  for (const auto& role : cli::all_roles()) {
    SCOPED_TRACE(role);
    const auto grants = *cli::grants_of(role);
    const Types granted(grants.begin(), grants.end());
    EXPECT_EQ(taken_from(admit(role, line_of(granted))), granted);
  }
}

TEST_F(AuthorityMatrix, lets_a_key_without_rights_do_nothing_and_one_with_one_right_that_one_thing) {
  EXPECT_EQ(taken_from(admit("nobody", "")), Types{});
  for (const auto& type : all_message_types()) {
    SCOPED_TRACE(type);
    EXPECT_EQ(taken_from(admit("only-" + type, type)), Types{type});
  }
}

/// Who a type is for is decided here, by somebody, when it is added.
TEST(Roles, are_decided_for_every_type_of_the_contract) {
  const std::map<std::string, std::string, std::less<>> kMeantFor{
      {"member_upserted", "site"},      {"member_removed", "site"},
      {"password_changed", "site"},     {"group_upserted", "site"},
      {"group_removed", "site"},        {"notice_published", "site"},
      {"account_appeared", "gateway"},  {"account_vanished", "gateway"},
      {"receipt_received", "gateway"},  {"message_bounced", "gateway"},
      {"presence_observed", "gateway"}, {"create_account", "registration"},
      {"set_password", "registration"}, {"remove_account", "registration"},
      {"send_message", "notification"}, {"inspect_server", "check"},
  };
  std::map<std::string, std::string, std::less<>> granted;
  for (const auto& role : cli::all_roles()) {
    const auto grants = *cli::grants_of(role);
    for (const auto& type : grants)
      EXPECT_TRUE(granted.emplace(type, role).second) << type << " is granted to two roles";
  }
  EXPECT_EQ(granted, kMeantFor);
  for (const auto& type : all_message_types()) EXPECT_TRUE(granted.contains(type)) << type;
  EXPECT_EQ(granted.size(), all_message_types().size());
}

}  // namespace
}  // namespace rostrum::bus::test
