// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "common/bus/authorized_keys.hpp"

namespace rostrum::bus {

/// `authorized_keys/<name>`, as it was when last read:
///
///     # the forum
///     key     <40 characters of Z85>
///     allow   member_upserted member_removed notice_published
///
/// The file's name is the peer's name. Each file stands for itself: one with a mistake grants nothing.
struct KeyFile {
  std::string name;
  std::string path;
  std::optional<AuthorizedKey> says;  ///< what could be read of it, in force only without a mistake
  std::vector<std::string> mistakes;  ///< each with the command that mends it, where there is one
};

/// A service's folder of authorized keys, as it was when last read; a value.
struct KeyFolder {
  std::string path;
  /// Of the folder itself: it cannot be read, or others may write it or own it. Then nobody's key is in
  /// force.
  std::vector<std::string> mistakes;
  std::vector<KeyFile> files;  ///< by name

  [[nodiscard]] bool trusted() const { return mistakes.empty(); }
  [[nodiscard]] std::size_t wrong_files() const;
  /// What is granted: by the files without a mistake, and nothing while the folder is not trusted.
  [[nodiscard]] AuthorizedKeys in_force() const;
  /// The file that names this key but does not grant it; nullptr where there is none.
  [[nodiscard]] const KeyFile* find_wrong(const PublicKey& key) const;
  /// All of it, the folder's own mistakes first, each with the path in front.
  [[nodiscard]] std::vector<std::string> all_mistakes() const;
};

/// Reads every file (names starting with a dot or ending with `~` are passed over). Mistakes are: no or a bad
/// key, an unknown word, a key that another file names too (then of both), what is no ordinary file, a file,
/// folder or folder above it that others may write, or that belongs to neither root nor the service's user.
/// That user is whoever this process runs as, or `user`, for who looks at another's folder.
[[nodiscard]] KeyFolder read_key_folder(const std::string& path);
[[nodiscard]] KeyFolder read_key_folder(const std::string& path, uid_t user);

}  // namespace rostrum::bus
