// SPDX-License-Identifier: Apache-2.0
#include "common/bus/keys.hpp"

#include "clients/cli/check/finding.hpp"

namespace rostrum::cli::check {

namespace {

/// The text of a key file's error names the path and what mends it.
void look_at_secret(Findings& findings, const char* key, const std::string& path, const char* made_by) {
  const std::string name = std::string("key ") + key;
  if (path.empty()) {
    findings.push_back(bad(name, "not set", std::string("set [cli] ") + key + "; made by: " + made_by));
    return;
  }
  const auto pair = bus::read_secret_key(path);
  findings.push_back(pair ? good(name, path + ", only its owner can read it")
                          : bad(name, "cannot be used", pair.error().text));
}

void look_at_public(Findings& findings, const char* key, const std::string& path) {
  const std::string name = std::string("key ") + key;
  if (path.empty()) {
    findings.push_back(
        bad(name, "not set", std::string("set [cli] ") + key + " to a copy of that service's .public file"));
    return;
  }
  const auto public_key = bus::read_public_key(path);
  findings.push_back(public_key ? good(name, path) : bad(name, "cannot be used", public_key.error().text));
}

}  // namespace

Findings look_at_keys(const Settings& settings) {
  Findings findings;
  look_at_secret(findings, "source_key", settings.source_key, "rostrum keygen site");
  look_at_secret(findings, "check_key", settings.check_key,
                 "rostrum keygen check --authorize authorized_keys/gateway --role check");
  look_at_public(findings, "registration_key", settings.registration_key);
  look_at_public(findings, "notification_key", settings.notification_key);
  look_at_public(findings, "sealing_key", settings.sealing_key);
  look_at_public(findings, "gateway_key", settings.gateway_key);
  return findings;
}

}  // namespace rostrum::cli::check
