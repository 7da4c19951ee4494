// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/check/finding.hpp"
#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/progress_line.hpp"
#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

using check::Finding;
using check::Findings;

struct Options {};

constexpr std::size_t kLongestBytes = 1'024;

struct Part {
  const char* what;
  Findings (*look)(const Settings&);
};
constexpr std::array<Part, 6> kParts{{{"the keys", check::look_at_keys},
                                      {"the database", check::look_at_database},
                                      {"presence", check::look_at_presence},
                                      {"the services", check::look_at_services},
                                      {"the intakes", check::look_at_intakes},
                                      {"the gateways and the Jabber server", check::look_at_gateways}}};

void print(std::ostream& out, const Finding& finding) {
  out << (finding.good ? "\u2713 " : "\u2717 ") << printable(finding.name, kLongestBytes) << ": "
      << printable(finding.detail, kLongestBytes) << '\n';
  if (!finding.good && !finding.remedy.empty())
    out << "    " << printable(finding.remedy, kLongestBytes) << '\n';
  out.flush();
}

ExitCode look(Session& session, const Options&) {
  const std::string file = session.config_path();
  const Settings& settings = session.settings();
  ProgressLine line(session.err);
  std::size_t wrong = 0;
  Json json = Json::array();
  const auto tell = [&](const Findings& findings) {
    for (const auto& finding : findings) {
      wrong += finding.good ? 0 : 1;
      if (!session.json)
        print(session.out, finding);
      else
        json.push_back({{"name", finding.name},
                        {"good", finding.good},
                        {"detail", finding.detail},
                        {"remedy", finding.remedy}});
    }
  };
  tell({check::good("configuration",
                    (file.empty() ? "the environment" : file) + " is good, as far as [cli] goes")});
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    line.show(progress_bar(i, kParts.size()) + std::string("  looking at ") + kParts[i].what);
    const auto findings = kParts[i].look(settings);
    line.clear();
    tell(findings);
  }
  if (session.json)
    print_json(session, json);
  else if (wrong > 0)
    session.out << wrong << (wrong == 1 ? " thing" : " things") << " to mend\n";
  return wrong == 0 ? ExitCode::kOk : ExitCode::kFoundBad;
}

}  // namespace

void add_check(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command =
      add_command(app, "check", "Look whether everything is reachable and sane; say what mends it",
                  "  rostrum check\n"
                  "  rostrum --json check | jq '.[] | select(.good | not)'\n");
  set_action(*command, session, options, look);
}

}  // namespace rostrum::cli
