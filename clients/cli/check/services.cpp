// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/check/addresses.hpp"
#include "clients/cli/check/finding.hpp"
#include "clients/cli/check/http_get.hpp"

namespace rostrum::cli::check {

namespace {

Finding look_at(const std::string& base) {
  const std::string name = "service " + base;
  const auto answer = http_get(base + "/readyz", std::chrono::seconds(3));
  if (!answer.error.empty())
    return bad(name, answer.error, "is the service running, and is this the `http` of its section?");
  if (answer.status == 200) return good(name, "ready");
  std::string lines = answer.body;
  for (auto& character : lines) character = character == '\n' ? ';' : character;
  return bad(name, "not ready (HTTP " + std::to_string(answer.status) + "): " + lines,
             "mend what it names; its log has the details");
}

}  // namespace

Findings look_at_services(const Settings& settings) {
  Findings findings;
  if (settings.services_http.empty())
    return {bad("services", "none named", "set [cli] services_http = [\"http://host:port\"]")};
  for (const auto& base : settings.services_http) {
    const auto instances = instances_of(base);
    if (instances.all.empty()) findings.push_back(nowhere("service " + base, instances.trouble));
    for (const auto& instance : instances.all) findings.push_back(look_at(instance));
  }
  return findings;
}

}  // namespace rostrum::cli::check
