// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/bus/keys.hpp"

namespace rostrum::cli::key {

/// What is wrong with a peer's name, which is also a file's name, the `source` of events and a word in logs;
/// empty where nothing is.
[[nodiscard]] std::string name_problem(const std::string& name);
/// What is wrong with a message type; empty where nothing is.
[[nodiscard]] std::string type_problem(const std::string& type);

/// The key in NAME.public. Throws Failure, also for what looks like a secret key.
[[nodiscard]] bus::PublicKey read_public(const std::string& path);
/// A file of authorized keys, as services read it.
[[nodiscard]] std::string text_of(const bus::PublicKey& key, const std::vector<std::string>& allowed);

/// Whether a file that is there already may go.
enum class Existing { kKeep, kReplace };
/// Whole or not at all, also when the machine dies: a running service reads this folder. Mode 0644. Throws
/// Failure(kFailed).
void write(const std::string& folder, const std::string& name, const std::string& text, Existing existing);
/// Gone, also when the machine dies. Throws Failure(kFailed).
void remove(const std::string& folder, const std::string& name);

/// A folder of that mode, whatever the umask; parents that are missing are for all to enter, and none but
/// their owner to write. Throws Failure(kFailed).
void make_folder(const std::string& folder, unsigned mode);

}  // namespace rostrum::cli::key
