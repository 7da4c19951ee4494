// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rostrum::cli::importing {

/// Takes what was rejected, so that it can be mended and imported alone. Made when there is something to put
/// into it, readable by its owner only: it holds passwords as the imported file does.
class RejectedFile {
 public:
  /// `kept_bytes`: how much of one that is there belongs to this import; what lies beyond goes. None: one
  /// that is there is somebody's work and steps aside, as PATH~.
  RejectedFile(std::string path, std::size_t kept_bytes);
  ~RejectedFile();
  RejectedFile(const RejectedFile&) = delete;
  RejectedFile& operator=(const RejectedFile&) = delete;

  /// Puts lines at its end; `head` before the first ones. Throws Failure(kFailed) when the disk does not take
  /// them.
  void append(std::string_view head, std::string_view lines);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void open();
  void write(std::string_view text);

  const std::string path_;
  std::size_t bytes_;
  int descriptor_ = -1;
};

}  // namespace rostrum::cli::importing
