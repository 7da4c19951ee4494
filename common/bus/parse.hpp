// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace rostrum::bus {

/// Most entries of repeated fields, and fields without a name, in one message, however deep: an entry of two
/// bytes takes hundreds in memory. Far above every limit of the contract on one kind of entry.
inline constexpr std::size_t kMaxParsedEntries = 4'096;

/// Parses bytes of a stranger: the whole of them, nested 16 deep and with kMaxParsedEntries entries at most.
/// The caller has capped the size.
[[nodiscard]] bool parse_strictly(std::string_view bytes, google::protobuf::Message& into);
/// Whether anything in the message, however deep, has no name in this version of the contract.
[[nodiscard]] bool has_unknown_fields(const google::protobuf::Message& message);

}  // namespace rostrum::bus
