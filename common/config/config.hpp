// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/secret.hpp"

namespace rostrum::config {

/// One thing wrong with the configuration.
struct Mistake {
  std::string where;  ///< "rostrum.toml:12" or "ROSTRUM_GATEWAY_LISTEN"
  std::string what;   ///< what is wrong, what is allowed
};

/// One option as the code reads it, for the reference in docs/operations.md.
struct OptionDoc {
  std::string section;
  std::string key;
  std::string kind;           ///< "text", "integer 1..100", "duration in ms", "file", …
  std::string default_value;  ///< as one writes it; "required" where there is none
  std::string help;
};

class Section;
struct State;

/// `rostrum.toml` with the environment laid over it (`ROSTRUM_<SECTION>_<KEY>`; lists separated by commas).
/// Reading collects all mistakes; it never stops at the first.
class Config {
 public:
  using Environment = std::map<std::string, std::string>;

  /// A file that cannot be read or parsed is one mistake. An empty path reads the environment alone.
  [[nodiscard]] static Config load(const std::string& path, const Environment& environment);
  /// The variables whose names begin with ROSTRUM_.
  [[nodiscard]] static Environment process_environment();
  /// For the reference: nothing is read, every required option is silently empty.
  [[nodiscard]] static Config reference();

  Config(Config&&) noexcept;
  ~Config();

  /// A table of the file; a missing one is empty. Keys of it that nobody asked for, and unknown tables,
  /// become mistakes in mistakes().
  Section section(std::string_view name);
  /// A table that exists for another program, with those below it: not reported as unknown.
  void ignore_section(std::string_view name);

  /// After everything was read: all that is wrong, in the order of the lines.
  [[nodiscard]] std::vector<Mistake> mistakes() const;
  [[nodiscard]] const std::vector<OptionDoc>& options() const;

 private:
  explicit Config(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Typed reading of one table. Every getter says what the option is, so that the reference cannot lie. With
/// no default the option is required. A wrong or missing value becomes a Mistake and the getter returns the
/// default (or an empty value). Lives no longer than its Config.
class Section {
 public:
  std::string text(std::string_view key, const std::optional<std::string>& default_value,
                   std::string_view help);
  std::string one_of(std::string_view key, const std::vector<std::string>& allowed,
                     const std::optional<std::string>& default_value, std::string_view help);
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most,
                       std::optional<std::int64_t> default_value, std::string_view help);
  /// Written in milliseconds; the key ends with `_ms`.
  Milliseconds duration(std::string_view key, Milliseconds least, Milliseconds most,
                        std::optional<Milliseconds> default_value, std::string_view help);
  bool flag(std::string_view key, std::optional<bool> default_value, std::string_view help);
  /// A list that is required has at least one entry.
  std::vector<std::string> texts(std::string_view key,
                                 const std::optional<std::vector<std::string>>& default_value,
                                 std::string_view help);
  /// A path; relative ones count from the configuration file's folder. Must exist and be readable; an empty
  /// default means that there need be none.
  std::string file(std::string_view key, const std::optional<std::string>& default_value,
                   std::string_view help);
  std::string directory(std::string_view key, const std::optional<std::string>& default_value,
                        std::string_view help);
  /// The content of a file that only its owner can read (else a mistake with the chmod that mends it); one
  /// trailing newline is cut off.
  Secret secret_file(std::string_view key, const std::optional<std::string>& default_value,
                     std::string_view help);
  /// Any text that `check` accepts; check returns what is wrong, or nothing.
  std::string checked(std::string_view key, const std::optional<std::string>& default_value,
                      std::string_view kind, std::string_view help,
                      const std::function<std::optional<std::string>(const std::string&)>& check);
  /// A mistake of the caller's own, about an option that was read (e.g. two that do not fit together).
  void mistake(std::string_view key, std::string what);

 private:
  friend class Config;
  Section(State& state, std::string name);
  std::string path(std::string_view key, const std::optional<std::string>& default_value,
                   std::string_view kind, std::string_view help);
  State& state_;
  std::string name_;
};

}  // namespace rostrum::config
