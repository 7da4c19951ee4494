// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/key/file.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/roles.hpp"
#include "common/bus/keys.hpp"

namespace rostrum::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string name;
  std::string out = "keys";
  std::string public_file;
  std::string authorize;
  std::vector<std::string> allow;
  std::string role;
};

bus::PublicKey make_keys(const Options& options, const std::string& stem) {
  key::make_folder(options.out, 0700);
  const auto pair = bus::make_key_pair();
  if (const auto error = bus::write_key_pair(stem, pair)) throw Failure{ExitCode::kFailed, error->text};
  return pair.public_key;
}

std::vector<std::string> grants(const Options& options) {
  return options.role.empty() ? options.allow : *grants_of(options.role);
}

ExitCode keygen(Session& session, const Options& options) {
  const std::string stem = (fs::path(options.out) / options.name).string();
  const std::string authorized =
      options.authorize.empty() ? "" : (fs::path(options.authorize) / options.name).string();
  if (!authorized.empty() && options.role.empty() && options.allow.empty()) {
    throw Failure{ExitCode::kUsage, "--authorize needs to know what this key may send: --role or --allow"};
  }
  const auto public_key =
      options.public_file.empty() ? make_keys(options, stem) : key::read_public(options.public_file);
  if (!authorized.empty()) {
    key::make_folder(options.authorize, 0755);
    key::write(options.authorize, options.name, key::text_of(public_key, grants(options)),
               key::Existing::kKeep);
  }
  Json json{{"name", options.name}, {"public_key", public_key.z85()}};
  if (options.public_file.empty())
    json.update({{"secret_file", stem + ".secret"}, {"public_file", stem + ".public"}});
  if (!authorized.empty()) json.update({{"authorized_file", authorized}, {"allow", grants(options)}});
  print_record(session, json);
  return ExitCode::kOk;
}

}  // namespace

void add_keygen(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command = add_command(app, "keygen", "Make a pair of keys, and let a key in at a service",
                              "  rostrum keygen registration\n"
                              "  rostrum keygen site --authorize authorized_keys/registration --role site\n"
                              "  rostrum keygen forum --public forum.public --authorize "
                              "authorized_keys/notification --allow notice_published\n");
  command->add_option("NAME", options->name, "name of the files, and the `source` of the peer's events")
      ->required()
      ->check(key::name_problem);
  auto* out = command
                  ->add_option("--out", options->out,
                               "folder for NAME.secret (readable by you alone) and NAME.public")
                  ->type_name("DIR")
                  ->capture_default_str();
  command->add_option("--public", options->public_file, "make no keys (then no --out): take this public key")
      ->type_name("FILE")
      ->excludes(out);
  auto* authorize =
      command->add_option("--authorize", options->authorize, "write NAME into this folder of authorized keys")
          ->type_name("DIR");
  auto* allow =
      command->add_option("--allow", options->allow, "message types the key may send, separated by commas")
          ->type_name("TYPE,...")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->needs(authorize)
          ->check(key::type_problem);
  add_choice(*command, "--role", options->role, "or what a peer of this kind needs", all_roles())
      ->needs(authorize)
      ->excludes(allow);
  set_action(*command, session, options, keygen);
}

}  // namespace rostrum::cli
