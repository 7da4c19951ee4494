// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/result.hpp"

namespace rostrum::fuzz {

/// A file in memory, for readers that want a path.
class ScratchFile {
 public:
  explicit ScratchFile(std::string_view content, mode_t mode = 0600)
      : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    ROSTRUM_INVARIANT(descriptor_ >= 0 && ::fchmod(descriptor_, mode) == 0);
    ROSTRUM_INVARIANT(::write(descriptor_, content.data(), content.size()) ==
                      static_cast<ssize_t>(content.size()));
  }
  ~ScratchFile() { ::close(descriptor_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace rostrum::fuzz
