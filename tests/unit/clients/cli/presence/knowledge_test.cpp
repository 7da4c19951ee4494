// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/presence/knowledge.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "clients/cli/presence/past.hpp"

namespace rostrum::cli {
namespace {

Json domain(const Json& changed) {
  Json row{{"domain", "site.test"},
           {"known", true},
           {"known_since", "2026-11-25T19:58:01.5+00:00"},
           {"unknown_since", nullptr},
           {"owner", "gw"},
           {"epoch", 2},
           {"valid_until", "2026-11-25T20:15:00+00:00"},
           {"held", true},
           {"reason", nullptr}};
  row.update(changed);
  return row;
}

Json lost(const Json& changed) {
  Json row =
      domain({{"known", false}, {"known_since", nullptr}, {"unknown_since", "2026-11-25T20:00:00+00:00"}});
  row.update(changed);
  return row;
}

TEST(Knowledge, names_who_told_and_since_when) {
  const auto knowledge = knowledge_of(domain(Json::object()));
  EXPECT_EQ(knowledge.text, "known since 2026-11-25 19:58:01Z, told by gateway gw, epoch 2");
  EXPECT_EQ(knowledge.remedy, "");
}

TEST(Knowledge, says_what_to_do_about_a_gateway_that_is_silent) {
  const auto knowledge = knowledge_of(lost({{"held", false}}));
  EXPECT_EQ(knowledge.text, "UNKNOWN since 2026-11-25 20:00:00Z, nothing is heard from gateway gw");
  EXPECT_NE(knowledge.remedy.find("start a gateway"), std::string::npos);
}

TEST(Knowledge, says_why_a_gateway_that_speaks_does_not_know) {
  const auto knowledge = knowledge_of(lost({{"reason", "stream-lost"}}));
  EXPECT_EQ(knowledge.text,
            "UNKNOWN since 2026-11-25 20:00:00Z (stream-lost), gateway gw has not seen everybody anew yet");
  EXPECT_NE(knowledge.remedy.find("/readyz"), std::string::npos);
}

TEST(Knowledge, tells_a_beginning_from_a_loss) {
  EXPECT_EQ(knowledge_of(lost({{"unknown_since", nullptr}})).text,
            "UNKNOWN, gateway gw has not seen everybody yet");
  const Json nobody{
      {"domain", "site.test"}, {"known", nullptr}, {"unknown_since", nullptr}, {"owner", nullptr}};
  EXPECT_EQ(knowledge_of(nobody).text, "UNKNOWN, no gateway has ever told who is online");
}

TEST(Knowledge, of_the_past_says_what_lies_around_the_moment) {
  Json then{{"domain", "site.test"}, {"began_at", "2026-11-25T18:00:00+00:00"},
            {"ended_at", nullptr},   {"lost_at", nullptr},
            {"reason", nullptr},     {"regained_at", nullptr}};
  EXPECT_EQ(past_knowledge_of(then),
            "site.test: known then, our view was whole from 2026-11-25 18:00:00Z on");
  then["ended_at"] = "2026-11-25T19:00:00+00:00";
  EXPECT_EQ(past_knowledge_of(then),
            "site.test: known then, our view was whole from 2026-11-25 18:00:00Z to 2026-11-25 19:00:00Z");
  then["began_at"] = nullptr;
  EXPECT_EQ(past_knowledge_of(then), "site.test: UNKNOWN then, no gateway has ever told who is online");
  then["regained_at"] = "2026-11-25T21:00:00+00:00";
  EXPECT_EQ(past_knowledge_of(then),
            "site.test: UNKNOWN then, the history that is kept begins at 2026-11-25 21:00:00Z");
  then["lost_at"] = "2026-11-25T20:00:00+00:00";
  then["reason"] = "gateway-lost";
  EXPECT_EQ(past_knowledge_of(then),
            "site.test: UNKNOWN then, our view was lost at 2026-11-25 20:00:00Z "
            "(gateway-lost) and whole again at 2026-11-25 21:00:00Z");
  then["regained_at"] = nullptr;
  EXPECT_EQ(past_knowledge_of(then),
            "site.test: UNKNOWN then, our view was lost at 2026-11-25 20:00:00Z (gateway-lost) and is not "
            "whole again");
}

TEST(Knowledge, is_printed_harmless_whatever_the_names_hold) {
  std::istringstream in;
  std::ostringstream out;
  Session session(in, out, out, {});
  print_knowledge(session, Json::array({domain({{"owner", "g\x1b[2J\u202e"}})}));
  EXPECT_EQ(out.str(), "site.test: known since 2026-11-25 19:58:01Z, told by gateway g?[2J?, epoch 2\n");
}

}  // namespace
}  // namespace rostrum::cli
