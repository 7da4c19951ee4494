// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <ostream>
#include <pqxx/pqxx>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/views.hpp"
#include "common/base/text.hpp"
#include "common/pg/migrations.hpp"

namespace rostrum::cli {

namespace {

struct Options {
  bool dry_run = false;
};

using Steps = std::vector<pg::MigrationStep>;

Steps carry_out(Session& session, const Options& options) {
  const auto owner = open_database(session.settings().owner_database, "owner_database");
  try {
    return pg::migrate(*owner, pg::all_migrations(), options.dry_run);
  } catch (const pqxx::broken_connection& broken) {
    throw Failure{ExitCode::kUnreachable,
                  std::string("the connection to the database was lost: ") + broken.what()};
  } catch (const pqxx::insufficient_privilege& refused) {
    throw Failure{ExitCode::kFailed, std::string("[cli] owner_database: this role may not: ") +
                                         refused.what() + "\nit must own the database and have CREATEROLE"};
  }
}

void print_steps(Session& session, const Options& options, const Steps& steps) {
  for (const auto& step : steps) {
    if (!step.applied_now) continue;
    session.out << (options.dry_run ? "would apply " : "applied ") << step.migration->service << ' '
                << step.migration->number << "  " << step.migration->title << '\n';
  }
  const bool nothing =
      std::none_of(steps.begin(), steps.end(), [](const auto& step) { return step.applied_now; });
  if (nothing) session.out << "the schema is up to date (" << steps.size() << " migrations)\n";
}

ExitCode migrate(Session& session, const Options& options) {
  const Steps steps = carry_out(session, options);
  if (!session.json) {
    print_steps(session, options, steps);
    return ExitCode::kOk;
  }
  Json list = Json::array();
  for (const auto& step : steps) {
    list.push_back({{"service", step.migration->service},
                    {"number", step.migration->number},
                    {"title", step.migration->title},
                    {options.dry_run ? "would_apply" : "applied_now", step.applied_now}});
  }
  print_json(session, list);
  return ExitCode::kOk;
}

}  // namespace

void add_migrate(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command =
      add_command(app, "migrate", "Bring the database's schema forward, as its owner",
                  "  rostrum migrate --dry-run\n"
                  "  ROSTRUM_CLI_OWNER_DATABASE='dbname=rostrum user=rostrum_owner' rostrum migrate\n");
  command->add_flag("--dry-run", options->dry_run, "only say what would be applied");
  set_action(*command, session, options, migrate);
}

}  // namespace rostrum::cli
