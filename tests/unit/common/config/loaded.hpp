// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "common/config/config.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::config {

/// A configuration from a text, as if it stood in `rostrum.toml` of a folder of its own.
class Loaded {
 public:
  explicit Loaded(std::string_view toml, const Config::Environment& environment = {})
      : path_(folder_.write("rostrum.toml", toml)), config(Config::load(path_, environment)) {}

  /// "rostrum.toml:3: [a] b: …", the folder left out.
  [[nodiscard]] std::vector<std::string> mistakes() const {
    std::vector<std::string> lines;
    for (const auto& mistake : config.mistakes()) {
      auto line = mistake.where + ": " + mistake.what;
      for (auto at = line.find(folder_.path().string()); at != std::string::npos;
           at = line.find(folder_.path().string())) {
        line.erase(at, folder_.path().string().size() + 1);
      }
      lines.push_back(line);
    }
    return lines;
  }
  [[nodiscard]] const test::TemporaryFolder& folder() const { return folder_; }

 private:
  test::TemporaryFolder folder_;
  std::string path_;

 public:
  Config config;
};

}  // namespace rostrum::config
