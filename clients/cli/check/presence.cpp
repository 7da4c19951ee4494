// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "clients/cli/check/finding.hpp"
#include "clients/cli/presence/knowledge.hpp"

namespace rostrum::cli::check {

namespace {

Finding look_at(const Json& domain) {
  const std::string name = "presence of " + domain.at("domain").get<std::string>();
  const auto knowledge = knowledge_of(domain);
  return knowledge.remedy.empty() ? good(name, knowledge.text) : bad(name, knowledge.text, knowledge.remedy);
}

}  // namespace

Findings look_at_presence(const Settings& settings) {
  Findings findings;
  try {
    for (const auto& domain : read_domains(Views(settings))) findings.push_back(look_at(domain));
  } catch (const Failure&) {  // told by look_at_database
  }
  return findings;
}

}  // namespace rostrum::cli::check
