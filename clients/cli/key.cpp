// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/key/file.hpp"
#include "clients/cli/key/folders.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/roles.hpp"
#include "common/bus/key_folder.hpp"

namespace rostrum::cli {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kShownKeyCharacters = 12;
constexpr const char* kWhenInForce =
    "a running service reads it within a second; the peer needs no restart either";

struct Options {
  std::string name;
  std::string key;
  std::vector<std::string> allow;
  std::string role;
  std::vector<std::string> services;
  std::string folder;
  bool dry_run = false;
};

std::vector<key::Folder> folders_of(const Session& session, const Options& options) {
  if (!options.folder.empty()) return {{"", options.folder}};
  return key::folders(session, options.services);
}

/// A role's name where the rights are just those.
std::string rights(const bus::AuthorizedKey& key) {
  for (const auto& role : all_roles()) {
    const auto grants = *grants_of(role);
    if (std::set<std::string, std::less<>>(grants.begin(), grants.end()) == key.allowed) return role;
  }
  std::string text;
  for (const auto& type : key.allowed) text += (text.empty() ? "" : " ") + type;
  return text;
}

Json row_of(const key::Folder& place, const bus::KeyFolder& folder, const bus::KeyFile& file) {
  Json mistakes = Json::array();
  for (const auto& mistake : folder.mistakes) mistakes.push_back(folder.path + ": " + mistake);
  for (const auto& mistake : file.mistakes) mistakes.push_back(mistake);
  Json row{{"service", place.service}, {"name", file.name}, {"in_force", mistakes.empty()}};
  row["key"] = file.says ? Json(file.says->key.z85()) : Json();
  row["allow"] = file.says ? Json(file.says->allowed) : Json::array();
  row["rights"] = file.says ? rights(*file.says) : "";
  row["file"] = file.path;
  row["mistakes"] = std::move(mistakes);
  return row;
}

/// Who looks is root, or the operator: what counts is the service's user, who owns the folder unless root
/// does. Whether that is so the service itself says, when it reads it.
bus::KeyFolder as_its_service_sees(const std::string& path) {
  struct stat about {};
  return bus::read_key_folder(path, ::stat(path.c_str(), &about) == 0 ? about.st_uid : ::geteuid());
}

ExitCode list(Session& session, const Options& options) {
  Json rows = Json::array();
  std::vector<std::string> mistakes;
  for (const auto& place : folders_of(session, options)) {
    const auto folder = as_its_service_sees(place.path);
    for (const auto& file : folder.files) rows.push_back(row_of(place, folder, file));
    for (const auto& mistake : folder.all_mistakes()) mistakes.push_back(mistake);
  }
  if (!session.json) {
    for (auto& row : rows) {
      if (row["key"].is_string())
        row["key"] = row["key"].get<std::string>().substr(0, kShownKeyCharacters) + "…";
      row["state"] = row["in_force"].get<bool>() ? "in force" : "grants nothing";
    }
  }
  print_rows(
      session, rows,
      {{"service", "SERVICE"}, {"name", "NAME"}, {"key", "KEY"}, {"state", "STATE"}, {"rights", "RIGHTS"}});
  for (const auto& mistake : mistakes) session.err << mistake << '\n';
  return mistakes.empty() ? ExitCode::kOk : ExitCode::kFoundBad;
}

/// Z85 as it is, or a file with it; nothing: the key that is there already.
std::optional<bus::PublicKey> asked_key(const Options& options) {
  if (options.key.empty()) return std::nullopt;
  if (auto key = bus::PublicKey::parse(options.key)) return key;
  auto key = key::read_public(options.key);
  return key;
}

const bus::KeyFile* file_of(const bus::KeyFolder& folder, const std::string& name) {
  const auto found = std::find_if(folder.files.begin(), folder.files.end(),
                                  [&](const bus::KeyFile& file) { return file.name == name; });
  return found == folder.files.end() ? nullptr : &*found;
}

bus::PublicKey key_for(const std::optional<bus::PublicKey>& asked, const bus::KeyFile* file,
                       const Options& options) {
  if (asked) return *asked;
  if (file != nullptr && file->says) return file->says->key;
  throw Failure{ExitCode::kUsage, "--key is needed: nothing here names a key of " + options.name +
                                      "; it is NAME.public of `rostrum keygen`, or its 40 characters"};
}

/// Both files would grant nothing.
void refuse_shared(const bus::KeyFolder& folder, const bus::PublicKey& key, const std::string& name) {
  for (const auto& file : folder.files) {
    if (file.name != name && file.says && file.says->key == key)
      throw Failure{ExitCode::kFailed, file.path +
                                           " names this key already; each peer has its own: `rostrum key "
                                           "revoke " +
                                           file.name + "` first"};
  }
}

struct Change {
  key::Folder place;
  std::string text;
  std::string what;
};

Change change_in(const key::Folder& place, const std::optional<bus::PublicKey>& asked,
                 const std::vector<std::string>& allow, const Options& options) {
  const auto folder = as_its_service_sees(place.path);
  const auto* file = file_of(folder, options.name);
  const auto key = key_for(asked, file, options);
  refuse_shared(folder, key, options.name);
  std::string what = "granted";
  if (file != nullptr)
    what = file->says && file->says->key == key ? "rights changed" : "another key than before";
  return {place, key::text_of(key, allow), what};
}

void tell(Json& told, const key::Folder& place, const Options& options, const std::string& what) {
  told.push_back({{"service", place.service},
                  {"name", options.name},
                  {"done", options.dry_run ? "would be: " + what : what},
                  {"file", (fs::path(place.path) / options.name).string()}});
}

void show(Session& session, const Json& told, const std::vector<std::string>& mistakes, bool dry_run) {
  print_rows(session, told, {{"service", "SERVICE"}, {"name", "NAME"}, {"done", "DONE"}, {"file", "FILE"}});
  for (const auto& mistake : mistakes) session.err << mistake << '\n';
  if (!session.json && !dry_run) session.err << kWhenInForce << '\n';
}

// All folders are looked at before the first is written: what can be wrong is wrong before anything changes.
ExitCode grant(Session& session, const Options& options) {
  if (options.role.empty() && options.allow.empty())
    throw Failure{ExitCode::kUsage, "say what this key may send: --role or --allow"};
  auto where = options;
  if (where.services.empty() && !options.role.empty()) where.services = key::services_for(options.role);
  if (where.services.empty() && where.folder.empty())
    throw Failure{ExitCode::kUsage, "--allow needs to know where: --service or --folder"};
  const auto asked = asked_key(options);
  const auto allow = options.role.empty() ? options.allow : *grants_of(options.role);
  std::vector<Change> changes;
  for (const auto& place : folders_of(session, where))
    changes.push_back(change_in(place, asked, allow, options));
  Json told = Json::array();
  std::vector<std::string> mistakes;
  for (const auto& change : changes) {
    if (!options.dry_run) key::write(change.place.path, options.name, change.text, key::Existing::kReplace);
    tell(told, change.place, options, change.what);
    for (const auto& mistake : as_its_service_sees(change.place.path).mistakes)
      mistakes.push_back(change.place.path + ": " + mistake);
  }
  show(session, told, mistakes, options.dry_run);
  return mistakes.empty() ? ExitCode::kOk : ExitCode::kFoundBad;
}

ExitCode revoke(Session& session, const Options& options) {
  Json told = Json::array();
  for (const auto& place : folders_of(session, options)) {
    std::error_code ignored;
    if (!fs::exists(fs::symlink_status(fs::path(place.path) / options.name, ignored))) continue;
    if (!options.dry_run) key::remove(place.path, options.name);
    tell(told, place, options, "revoked");
  }
  if (told.empty())
    throw Failure{ExitCode::kFailed, "no key of " + options.name + " here; `rostrum key list` shows all"};
  show(session, told, {}, options.dry_run);
  return ExitCode::kOk;
}

void add_place(CLI::App& command, Options& options) {
  auto* service =
      command.add_option("--service", options.services, "only at these services, separated by commas")
          ->type_name("SERVICE,...")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->check(CLI::IsMember(key::services()).description(""));
  command.add_option("--folder", options.folder, "this folder of authorized keys, whoever's it is")
      ->type_name("DIR")
      ->excludes(service);
}

void add_name_and_dry_run(CLI::App& command, Options& options) {
  command.add_option("NAME", options.name, "name of the peer, the `source` of its events")
      ->required()
      ->check(key::name_problem);
  command.add_flag("--dry-run", options.dry_run, "change nothing, show what would be done");
}

void declare_list(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(family, "list",
                              "List the keys that each service lets in, and what is wrong with their files",
                              "  rostrum key list\n"
                              "  rostrum --json key list --service gateway\n");
  add_place(*command, *options);
  set_action(*command, session, options, list);
}

void declare_grant(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(
      family, "grant", "Let a key in, or change what it may send, or the key",
      "  rostrum key grant forum --role site --key keys/forum.public\n"
      "  rostrum key grant shop --allow notice_published --service notification --key shop.public\n"
      "  rostrum key grant forum --role site --dry-run\n");
  add_name_and_dry_run(*command, *options);
  command
      ->add_option("--key", options->key,
                   "NAME.public, or its 40 characters; default: the key that is there already")
      ->type_name("FILE");
  auto* allow =
      command->add_option("--allow", options->allow, "message types the key may send, separated by commas")
          ->type_name("TYPE,...")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->check(key::type_problem);
  add_choice(*command, "--role", options->role, "or what a peer of this kind needs, where it needs it",
             all_roles())
      ->excludes(allow);
  add_place(*command, *options);
  set_action(*command, session, options, grant);
}

void declare_revoke(CLI::App& family, Session& session, const std::shared_ptr<Options>& options) {
  auto* command = add_command(
      family, "revoke", "Take a key's rights away; what it sent and has no answer stays with its holder",
      "  rostrum key revoke forum\n"
      "  rostrum key revoke forum --service notification --dry-run\n");
  add_name_and_dry_run(*command, *options);
  add_place(*command, *options);
  set_action(*command, session, options, revoke);
}

}  // namespace

void add_key(CLI::App& app, Session& session) {
  auto* family = add_family(app, "key", "See and change who is let in, and what he may send");
  for (const auto declare : {declare_list, declare_grant, declare_revoke})
    declare(*family, session, std::make_shared<Options>());
}

}  // namespace rostrum::cli
