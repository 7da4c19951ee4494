// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rostrum::bus {

/// What a link's endpoints stand for: addresses as libzmq takes them, "tcp://127.0.0.1:5571". A name may have
/// several, and they change. A look-up that fails takes nothing away: the name server may be ill while the
/// peer is well.
class Whereabouts {
 public:
  static constexpr std::size_t kMostAddresses = 128;  ///< of one link; more are not used

  /// The salt is this link's chance: it decides in which order the addresses of one name come.
  Whereabouts(std::size_t endpoints, std::uint64_t salt) : salt_(salt), found_(endpoints) {}

  /// This endpoint stands for these addresses now.
  void found(std::size_t endpoint, std::vector<std::string> addresses);
  /// All of them, each once, in the order in which they are to be tried: by endpoint as they were given;
  /// those of one name in an order of this link's own, so that a crowd does not go to the same one first.
  [[nodiscard]] std::vector<std::string> addresses() const;

 private:
  std::uint64_t salt_;
  std::vector<std::vector<std::string>> found_;
};

}  // namespace rostrum::bus
