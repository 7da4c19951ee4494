// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/main.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include <sys/resource.h>

#include "common/base/text.hpp"
#include "common/config/reference.hpp"
#include "common/service/command_line.hpp"

namespace rostrum::service::detail {

namespace {

constexpr int kStopped = 0;
constexpr int kFailed = 1;
constexpr int kMisused = 2;
constexpr std::size_t kMaxReasonBytes = 1000;
constexpr rlim_t kDescriptors = 131'072;  // more than any number of peers that can be configured

Outcome finished(int exit_code) {
  return {Action::kExit, exit_code};
}

/// A limit of 1 and not 0: the kernel hands the memory to a core_pattern that is a pipe unless the limit is
/// exactly 1 (fs/coredump.c). PR_SET_DUMPABLE would do as well, but takes debuggers, profilers and /proc from
/// the operator.
void switch_off_core_dumps() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, 1);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_CORE, &limit);
}

/// As many as we may: what we take on is limited by our own limits, which count and tell, and not by a system
/// call that fails.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, kDescriptors));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void complain(std::string_view name, std::string_view what) {
  std::cerr << name << ": " << printable(what, kMaxReasonBytes) << '\n';
}

Outcome print_reference(const std::function<void(config::Config&)>& read) {
  auto config = config::Config::reference();
  read(config);
  std::cout << config::reference_table(config.options());
  return finished(kStopped);
}

Outcome load(const CommandLine& line, const std::function<void(config::Config&)>& read) {
  auto config = config::Config::load(line.config_path, config::Config::process_environment());
  read(config);
  const auto mistakes = config.mistakes();
  for (const auto& mistake : mistakes) std::cerr << mistake.where << ": " << mistake.what << '\n';
  if (!mistakes.empty()) return finished(kMisused);
  if (line.task == Task::kRun) return {Action::kRun, kStopped};
  std::cout << (line.config_path.empty() ? "the environment" : line.config_path) << " is good\n";
  return finished(kStopped);
}

Outcome perform(const CommandLine& line, std::string_view name, std::string_view summary,
                const std::function<void(config::Config&)>& read) {
  switch (line.task) {
    case Task::kHelp:
      std::cout << help(name, summary);
      return finished(kStopped);
    case Task::kVersion:
      std::cout << name << ' ' << version() << '\n';
      return finished(kStopped);
    case Task::kReference:
      return print_reference(read);
    case Task::kCheck:
    case Task::kRun:
      return load(line, read);
  }
  return finished(kMisused);
}

}  // namespace

Outcome prepare(int argc, char** argv, std::string_view name, std::string_view summary,
                const std::function<void(config::Config&)>& read) {
  switch_off_core_dumps();
  raise_descriptor_limit();
  (void)std::signal(SIGPIPE, SIG_IGN);
  const auto line = parse_command_line({argv + std::min(argc, 1), argv + argc});
  if (!line) {
    complain(name, line.error().what + "; see " + std::string(name) + " --help");
    return finished(kMisused);
  }
  try {
    return perform(line.value(), name, summary, read);
  } catch (const std::exception& error) {
    complain(name, error.what());
    return finished(kFailed);
  }
}

int guarded(std::string_view name, const std::function<int()>& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    complain(name, error.what());
    return kFailed;
  }
}

}  // namespace rostrum::service::detail
