// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/key/folders.hpp"

#include <algorithm>
#include <filesystem>

#include "common/config/config.hpp"

namespace rostrum::cli::key {

namespace {

namespace fs = std::filesystem;

/// Relative paths count from the configuration's folder, as for the services.
std::string configured(config::Config& config, const std::string& service, const fs::path& beside) {
  auto section = config.section(service);
  const auto said = section.text("authorized_keys", "", "");
  return said.empty() ? said : (beside / said).lexically_normal().string();
}

}  // namespace

const std::vector<std::string>& services() {
  static const std::vector<std::string> kServices{"registration", "notification", "presence", "gateway"};
  return kServices;
}

std::vector<std::string> services_for(const std::string& role) {
  if (role == "site") return {"registration", "notification"};
  if (role == "gateway") return {"registration", "notification", "presence"};
  return {"gateway"};
}

std::vector<Folder> folders(const Session& session, const std::vector<std::string>& wanted) {
  const auto path = session.config_path();
  const auto beside = fs::path(path).parent_path();
  auto config = config::Config::load(path, session.environment);
  std::vector<Folder> found;
  for (const auto& service : wanted.empty() ? services() : wanted) {
    auto folder = configured(config, service, beside);
    const auto usual = beside / "authorized_keys" / service;
    if (folder.empty() && fs::is_directory(usual)) folder = usual.string();
    if (!folder.empty()) found.push_back({service, std::move(folder)});
  }
  if (!found.empty()) return found;
  throw Failure{
      ExitCode::kUsage,
      "no folder of authorized keys is known: no section of " + (path.empty() ? "a configuration" : path) +
          " says authorized_keys, and there is no authorized_keys/<service> beside it; see --folder "
          "and --config"};
}

}  // namespace rostrum::cli::key
