// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace rostrum {

/// Bytes that must not be left lying about: overwritten when they go, never printed. Move only; there is no
/// way to put one into a stream, a log field or a string but reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes);
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// The bytes themselves; the name is long so that one sees it in review.
  [[nodiscard]] std::string_view reveal() const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  /// A copy, where two owners are really needed.
  [[nodiscard]] Secret duplicate() const { return Secret(bytes_); }

 private:
  void wipe();
  std::string bytes_;
};

}  // namespace rostrum
