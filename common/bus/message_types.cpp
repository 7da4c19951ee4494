// SPDX-License-Identifier: Apache-2.0
#include "common/bus/message_types.hpp"

#include "rostrum/v1/command.pb.h"
#include "rostrum/v1/event.pb.h"

namespace rostrum::bus {

namespace {

void add_fields(const google::protobuf::Descriptor& message, const char* oneof,
                std::set<std::string, std::less<>>& names) {
  const auto* choice = message.FindOneofByName(oneof);
  for (int i = 0; i < choice->field_count(); ++i) names.insert(choice->field(i)->name());
}

}  // namespace

const std::set<std::string, std::less<>>& all_message_types() {
  static const auto types = [] {
    std::set<std::string, std::less<>> names;
    add_fields(*v1::Event::descriptor(), "payload", names);
    add_fields(*v1::Command::descriptor(), "action", names);
    names.insert(kPresenceObserved);
    return names;
  }();
  return types;
}

}  // namespace rostrum::bus
