// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever rostrum.toml and environment a service is started with: its settings are read without an
// exception, every mistake is a line for people at a place, in the order of the lines.
//
// The input is a file; behind a line `---` stand lines NAME=value of the environment.
#include "common/config/config.hpp"
#include "services/gateway/adapters/settings.hpp"
#include "services/notification/adapters/settings.hpp"
#include "services/presence/adapters/settings.hpp"
#include "services/registration/adapters/settings.hpp"
#include "tests/fuzz/support/allocation.hpp"
#include "tests/fuzz/support/input.hpp"
#include "tests/fuzz/support/scratch_file.hpp"

namespace {

using namespace rostrum;
using config::Config;

struct Input {
  std::string_view file;
  Config::Environment environment;
};

Input input_of(std::string_view text) {
  constexpr std::string_view kMark = "\n---\n";
  const auto end = text.find(kMark);
  Input input{text.substr(0, end), {}};
  auto lines = end == std::string_view::npos ? std::string_view() : text.substr(end + kMark.size());
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const auto equals = line.find('=');
    if (line.starts_with("ROSTRUM_") && equals != std::string_view::npos)
      input.environment.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return input;
}

void hold_mistakes(const Config& config, const std::string& path) {
  std::size_t line_before = 0;
  for (const auto& mistake : config.mistakes()) {
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(mistake.where, 1'024));
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(mistake.what, 8'192));
    if (!mistake.where.starts_with(path + ":")) continue;
    const auto line = std::stoul(mistake.where.substr(path.size() + 1));
    ROSTRUM_INVARIANT(line >= line_before);
    line_before = line;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = input_of(fuzz::text_of(data, size));
  const fuzz::ScratchFile file(input.file);
  const fuzz::AllocationMeter meter;
  auto config = Config::load(file.path(), input.environment);
  // One file for all of them: reading it again for each would take most of the time.
  const auto registration = registration::read_settings(config);
  const auto notification = notification::read_settings(config);
  const auto presence = presence::read_settings(config);
  const auto gateway = gateway::read_settings(config);
  hold_mistakes(config, file.path());
  // toml11 keeps every value with the place it was read from.
  ROSTRUM_INVARIANT(meter.most_bytes() <= 4 * 1024 * 1024 + 4'096 * size);
  return 0;
}
