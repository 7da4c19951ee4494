// SPDX-License-Identifier: Apache-2.0
#include "common/bus/parse.hpp"

#include <vector>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>

#include "common/bus/wire_check.hpp"

namespace rostrum::bus {

bool parse_strictly(std::string_view bytes, google::protobuf::Message& into) {
  constexpr int kMaxDepth = 16;
  if (!WireCheck(kMaxDepth, kMaxParsedEntries).passes(bytes, *into.GetDescriptor())) return false;
  // The library writes a line on standard error for each text that is not UTF-8; a stranger must not write
  // our log.
  const google::protobuf::LogSilencer silence;
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  input.SetRecursionLimit(kMaxDepth);
  return into.ParseFromCodedStream(&input) && input.ConsumedEntireMessage();
}

bool has_unknown_fields(const google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (has_unknown_fields(reflection.GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (has_unknown_fields(reflection.GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

}  // namespace rostrum::bus
