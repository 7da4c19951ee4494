// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/session.hpp"

namespace rostrum::cli {

const Settings& Session::settings() {
  if (!settings_) settings_ = load_settings(config_path(), environment);
  return *settings_;
}

}  // namespace rostrum::cli
