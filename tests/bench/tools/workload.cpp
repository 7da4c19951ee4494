// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/tools/workload.hpp"

#include <stdexcept>

#include "common/base/random.hpp"
#include "rostrum/v1/event.pb.h"

namespace rostrum::bench {
namespace {

std::string padded(std::string text, std::size_t bytes) {
  text.resize(bytes, '.');
  return text;
}

}  // namespace

Kind kind_of(const std::string& word) {
  if (word == "group") return Kind::kGroup;
  if (word == "member") return Kind::kMember;
  throw std::invalid_argument("neither group nor member: " + word);
}

std::vector<Statement> statements(const Order& order) {
  SystemClock clock;
  SystemRandom random;
  std::vector<Statement> all;
  all.reserve(order.count);
  for (std::size_t i = 0; i < order.count; ++i) {
    const std::string subject = order.run + "-" + std::to_string(i);
    Statement one{EventId::make(clock.wall(), random), 1, subject, padded("Name of " + subject, 230)};
    if (order.kind == Kind::kMember) {
      one.name.resize(64);
      one.jid = subject + "@" + order.domain;
      one.groups = {"bench-everybody", "bench-" + std::to_string(i % 20)};
      one.sealed_password = order.sealed_password;
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::string pack(const Statement& statement, Kind kind) {
  v1::Event event;
  event.set_id(statement.id.to_bytes());
  event.set_subject(statement.subject);
  event.set_revision(static_cast<std::uint64_t>(statement.revision));
  event.mutable_time()->set_seconds(
      std::chrono::floor<std::chrono::seconds>(statement.id.time()).time_since_epoch().count());
  if (kind == Kind::kGroup) {
    event.mutable_group_upserted()->set_title(statement.name);
  } else {
    auto& member = *event.mutable_member_upserted();
    member.set_jid(statement.jid);
    member.set_display_name(statement.name);
    for (const auto& group : statement.groups) member.add_group_ids(group);
    member.set_sealed_password(statement.sealed_password);
  }
  return event.SerializeAsString();
}

}  // namespace rostrum::bench
