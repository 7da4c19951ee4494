// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/config.hpp"

#include <algorithm>

#include <unistd.h>

#include "common/config/state.hpp"

namespace rostrum::config {

namespace {

constexpr std::string_view kVariablePrefix = "ROSTRUM_";

}  // namespace

Config::Config(std::unique_ptr<State> state) : state_(std::move(state)) {}
Config::Config(Config&&) noexcept = default;
Config::~Config() = default;

Config Config::load(const std::string& path, const Environment& environment) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->environment = environment;
  if (path.empty()) return Config(std::move(state));
  state->read();
  return Config(std::move(state));
}

Config::Environment Config::process_environment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (!text.starts_with(kVariablePrefix) || equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

Config Config::reference() {
  auto state = std::make_unique<State>();
  state->is_reference = true;
  return Config(std::move(state));
}

Section Config::section(std::string_view name) {
  state_->sections.emplace(name);
  return {*state_, std::string(name)};
}

void Config::ignore_section(std::string_view name) {
  state_->ignored.emplace(name);
}

std::vector<Mistake> Config::mistakes() const {
  auto all = state_->unknown();
  all.insert(all.begin(), state_->mistakes.begin(), state_->mistakes.end());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  std::vector<Mistake> mistakes;
  mistakes.reserve(all.size());
  for (auto& located : all) mistakes.push_back(std::move(located.mistake));
  return mistakes;
}

const std::vector<OptionDoc>& Config::options() const {
  return state_->options;
}

}  // namespace rostrum::config
