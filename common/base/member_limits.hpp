// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace rostrum {

// What registration takes of a member, beside the rules of Jid, MemberId and GroupId.

inline constexpr std::size_t kMaxDisplayNameBytes = 256;  ///< of one line
inline constexpr std::size_t kMaxGroupsOfMember = 256;
inline constexpr std::size_t kMaxSealedPasswordBytes = 1'024;
inline constexpr std::size_t kMaxPasswordBytes =
    kMaxSealedPasswordBytes - 48;  ///< of one line, not empty; the seal adds 48 (crypto_box_SEALBYTES)

}  // namespace rostrum
