// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>

#include "common/config/convert.hpp"
#include "common/config/files.hpp"
#include "common/config/state.hpp"

namespace rostrum::config {

namespace {

std::string shown(const std::optional<std::string>& value) {
  return value.value_or("required");
}
std::string shown(const std::optional<std::int64_t>& value) {
  return value ? std::to_string(*value) : "required";
}
std::string shown(const std::optional<bool>& value) {
  return value ? (*value ? "true" : "false") : "required";
}
std::string shown(const std::optional<std::vector<std::string>>& value) {
  return value ? joined(*value) : "required";
}

struct Option {
  std::string section;
  std::string key;
  std::string kind;
  std::string help;
};

/// The way of every option: written down for the reference, looked up, converted; where that fails a mistake
/// and the default.
template <class T, class Convert>
T take(State& state, const Option& option, const std::optional<T>& default_value, const Convert& convert) {
  state.remember({option.section, option.key, option.kind, shown(default_value), option.help});
  const auto otherwise = [&] { return default_value.value_or(T{}); };
  if (state.is_reference) return otherwise();
  const auto found = state.find(option.section, option.key);
  const auto name = option_name(option.section, option.key);
  if (found.in_environment == nullptr && found.in_file == nullptr) {
    if (!default_value && state.is_readable) {
      state.add(state.place_of(option.section, option.key), name + ": missing; required: " + option.kind);
    }
    return otherwise();
  }
  auto converted = convert(found);
  if (converted.ok()) return std::move(converted).value();
  state.add(state.place_of(option.section, option.key),
            name + ": " + converted.error().what + "; allowed: " + option.kind);
  return otherwise();
}

Converted<std::int64_t> to_integer_between(const State::Found& found, std::int64_t least, std::int64_t most) {
  auto integer = to_integer(found);
  if (integer && (integer.value() < least || integer.value() > most))
    return Problem{std::to_string(integer.value()) + " is out of range"};
  return integer;
}

std::string range(std::int64_t least, std::int64_t most) {
  return std::to_string(least) + ".." + std::to_string(most);
}

}  // namespace

Section::Section(State& state, std::string name) : state_(state), name_(std::move(name)) {}

std::string Section::text(std::string_view key, const std::optional<std::string>& default_value,
                          std::string_view help) {
  return take<std::string>(state_, {name_, std::string(key), "text", std::string(help)}, default_value,
                           to_text);
}

std::string Section::one_of(std::string_view key, const std::vector<std::string>& allowed,
                            const std::optional<std::string>& default_value, std::string_view help) {
  return take<std::string>(
      state_, {name_, std::string(key), joined(allowed), std::string(help)}, default_value,
      [&](const State::Found& found) -> Converted<std::string> {
        auto word = to_text(found);
        if (word && std::find(allowed.begin(), allowed.end(), word.value()) == allowed.end()) {
          return Problem{in_quotes(word.value()) + " is none of them"};
        }
        return word;
      });
}

std::int64_t Section::integer(std::string_view key, std::int64_t least, std::int64_t most,
                              std::optional<std::int64_t> default_value, std::string_view help) {
  return take<std::int64_t>(
      state_, {name_, std::string(key), "integer " + range(least, most), std::string(help)}, default_value,
      [&](const State::Found& found) { return to_integer_between(found, least, most); });
}

Milliseconds Section::duration(std::string_view key, Milliseconds least, Milliseconds most,
                               std::optional<Milliseconds> default_value, std::string_view help) {
  ROSTRUM_INVARIANT(key.ends_with("_ms"));
  const auto default_ms = default_value ? std::optional<std::int64_t>(default_value->count()) : std::nullopt;
  const auto kind = "milliseconds " + range(least.count(), most.count());
  return Milliseconds{take<std::int64_t>(
      state_, {name_, std::string(key), kind, std::string(help)}, default_ms,
      [&](const State::Found& found) { return to_integer_between(found, least.count(), most.count()); })};
}

bool Section::flag(std::string_view key, std::optional<bool> default_value, std::string_view help) {
  return take<bool>(state_, {name_, std::string(key), "true, false", std::string(help)}, default_value,
                    to_flag);
}

std::vector<std::string> Section::texts(std::string_view key,
                                        const std::optional<std::vector<std::string>>& default_value,
                                        std::string_view help) {
  return take<std::vector<std::string>>(state_, {name_, std::string(key), "list of texts", std::string(help)},
                                        default_value, [&](const State::Found& found) {
                                          auto texts = to_texts(found);
                                          const bool is_required = !default_value;
                                          if (texts && is_required && texts.value().empty())
                                            texts = Problem{"must have at least one entry"};
                                          return texts;
                                        });
}

std::string Section::checked(std::string_view key, const std::optional<std::string>& default_value,
                             std::string_view kind, std::string_view help,
                             const std::function<std::optional<std::string>(const std::string&)>& check) {
  return take<std::string>(state_, {name_, std::string(key), std::string(kind), std::string(help)},
                           default_value, [&](const State::Found& found) -> Converted<std::string> {
                             auto text = to_text(found);
                             if (!text) return text;
                             if (auto wrong = check(text.value()))
                               return Problem{in_quotes(text.value()) + ": " + *wrong};
                             return text;
                           });
}

std::string Section::path(std::string_view key, const std::optional<std::string>& default_value,
                          std::string_view kind, std::string_view help) {
  auto written = take<std::string>(state_, {name_, std::string(key), std::string(kind), std::string(help)},
                                   default_value, to_text);
  if (written.empty() || written.front() == '/') return written;
  return (std::filesystem::path(state_.path).parent_path() / written).string();
}

std::string Section::file(std::string_view key, const std::optional<std::string>& default_value,
                          std::string_view help) {
  auto name = path(key, default_value, "file", help);
  if (name.empty() || state_.is_reference) return name;
  if (const auto problem = file_problem(name)) mistake(key, problem->what);
  return name;
}

std::string Section::directory(std::string_view key, const std::optional<std::string>& default_value,
                               std::string_view help) {
  auto name = path(key, default_value, "folder", help);
  if (name.empty() || state_.is_reference) return name;
  if (const auto problem = directory_problem(name)) mistake(key, problem->what);
  return name;
}

Secret Section::secret_file(std::string_view key, const std::optional<std::string>& default_value,
                            std::string_view help) {
  const auto name = path(key, default_value, "file that only its owner can read", help);
  if (name.empty() || state_.is_reference) return {};
  auto secret = read_secret(name);
  if (secret) return std::move(secret).value();
  mistake(key, secret.error().what);
  return {};
}

void Section::mistake(std::string_view key, std::string what) {
  if (state_.is_reference) return;
  state_.add(state_.place_of(name_, key), option_name(name_, key) + ": " + std::move(what));
}

}  // namespace rostrum::config
