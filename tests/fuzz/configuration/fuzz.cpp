// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever rostrum.toml and environment a service is started with: its settings are read without an
// exception, every mistake is a line for people at a place, in the order of the lines, and the same file has
// the same mistakes.
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

std::string all_mistakes(const Config& config, const std::string& path) {
  std::string all;
  std::size_t line_before = 0;
  for (const auto& mistake : config.mistakes()) {
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(mistake.where, 1'024));
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(mistake.what, 8'192));
    all += mistake.where + ": " + mistake.what + '\n';
    if (!mistake.where.starts_with(path + ":")) continue;
    const auto line = std::stoul(mistake.where.substr(path.size() + 1));
    ROSTRUM_INVARIANT(line >= line_before);
    line_before = line;
  }
  return all;
}

template <class Read>
void check(const std::string& path, const Config::Environment& environment, const Read& read) {
  const auto mistakes_now = [&] {
    auto config = Config::load(path, environment);
    const auto settings = read(config);
    return all_mistakes(config, path);
  };
  ROSTRUM_INVARIANT(mistakes_now() == mistakes_now());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = input_of(fuzz::text_of(data, size));
  const fuzz::ScratchFile file(input.file);
  const fuzz::AllocationMeter meter;
  check(file.path(), input.environment, registration::read_settings);
  check(file.path(), input.environment, notification::read_settings);
  check(file.path(), input.environment, presence::read_settings);
  check(file.path(), input.environment, gateway::read_settings);
  // toml11 keeps every value with the place it was read from.
  ROSTRUM_INVARIANT(meter.most_bytes() <= 4 * 1024 * 1024 + 4'096 * size);
  return 0;
}
