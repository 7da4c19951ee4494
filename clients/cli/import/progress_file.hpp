// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace rostrum::cli::importing {

/// How far an import has come.
struct Place {
  std::string digest;              ///< of what is imported, and from whom to whom
  std::uint64_t revision = 0;      ///< of all its statements, so that one that is made again changes nothing
  std::size_t rows = 0;            ///< from the beginning of the file, that have their outcome
  std::size_t accepted = 0;        ///< of these
  std::size_t rejected = 0;        ///< of these
  std::size_t rejected_bytes = 0;  ///< length of the file that holds the rejected ones
};

/// Keeps the place of an import beside its file, so that the same command goes on where it stopped, whatever
/// stopped it. Held by one import at a time.
class ProgressFile {
 public:
  /// Opens or makes it; throws Failure(kUsage) when it cannot be written, or when another import holds it.
  explicit ProgressFile(std::string path);
  ~ProgressFile();
  ProgressFile(const ProgressFile&) = delete;
  ProgressFile& operator=(const ProgressFile&) = delete;

  /// The place that was kept last; one without digest when there is none.
  [[nodiscard]] Place read() const;
  /// Keeps a place: after the return it outlives this process, though not the machine.
  void write(const Place& place) const;
  /// The import has come to its end.
  void remove();

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace rostrum::cli::importing
