// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace google::protobuf {
class Message;
class MessageLite;
}  // namespace google::protobuf

namespace rostrum::bus {

/// Parses bytes of a stranger: the whole of them, nested 16 deep at most. The caller has capped the size.
[[nodiscard]] bool parse_strictly(std::string_view bytes, google::protobuf::MessageLite& into);
/// Whether anything in the message, however deep, has no name in this version of the contract.
[[nodiscard]] bool has_unknown_fields(const google::protobuf::Message& message);

}  // namespace rostrum::bus
