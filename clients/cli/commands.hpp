// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/session.hpp"

namespace CLI {
class App;
}

namespace rostrum::cli {

// One function for each file of commands: declares them below `app`; parsing then sets session.action.
void add_migrate(CLI::App& app, Session& session);
void add_keygen(CLI::App& app, Session& session);
void add_key(CLI::App& app, Session& session);
void add_member(CLI::App& app, Session& session);
void add_member_import(CLI::App& family, Session& session);  // below member
void add_group(CLI::App& app, Session& session);
void add_announce(CLI::App& app, Session& session);  // and alert
void add_notice(CLI::App& app, Session& session);
void add_dead(CLI::App& app, Session& session);
void add_who(CLI::App& app, Session& session);
void add_watch(CLI::App& app, Session& session);
void add_timeline(CLI::App& app, Session& session);
void add_check(CLI::App& app, Session& session);
void add_completion(CLI::App& app, Session& session);

/// The whole of `rostrum`: reads the command line, does what it says, and turns every failure into one
/// message and an exit code.
[[nodiscard]] int run(int argc, const char* const* argv, Session& session);

}  // namespace rostrum::cli
