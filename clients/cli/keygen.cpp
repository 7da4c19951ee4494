// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <filesystem>
#include <memory>
#include <ostream>
#include <system_error>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/roles.hpp"
#include "common/bus/keys.hpp"
#include "common/bus/message_types.hpp"

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

/// The name is also a file's name, the `source` of events and a word in logs.
std::string check_name(const std::string& name) {
  constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const bool good = !name.empty() && name.size() <= 64 && name.front() != '.' &&
                    name.find_first_not_of(kAllowed) == std::string::npos;
  return good ? std::string() : "a name is 1 to 64 of A-Z a-z 0-9 . _ - and does not begin with a dot";
}

std::string check_type(const std::string& type) {
  return bus::all_message_types().contains(type)
             ? std::string()
             : "no message type: " + type + "; docs/protocol.md lists them";
}

/// Its parents as well, for all to enter.
void make_directory(const std::string& directory, mode_t mode) {
  if (fs::is_directory(directory)) return;
  std::error_code ignored;  // mkdir(2) tells what is wrong
  fs::create_directories(fs::path(directory).parent_path(), ignored);
  if (::mkdir(directory.c_str(), mode) != 0) {
    throw Failure{ExitCode::kFailed,
                  directory + ": cannot be made: " + std::generic_category().message(errno)};
  }
}

bus::PublicKey make_keys(const Options& options, const std::string& stem) {
  make_directory(options.out, 0700);
  const auto pair = bus::make_key_pair();
  if (const auto error = bus::write_key_pair(stem, pair)) throw Failure{ExitCode::kFailed, error->text};
  return pair.public_key;
}

/// A secret half looks just like a public one; what tells them apart are its name and who may read it.
bus::PublicKey read_key(const std::string& file) {
  struct ::stat status {};
  const bool owner_only = ::stat(file.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) == 0;
  if (fs::path(file).extension() == ".secret" || owner_only) {
    throw Failure{ExitCode::kUsage, file +
                                        ": only its owner can read it, as if it were a secret key; --public "
                                        "takes NAME.public (chmod 644 if it is one)"};
  }
  const auto key = bus::read_public_key(file);
  if (!key) throw Failure{ExitCode::kFailed, key.error().text};
  return key.value();
}

std::vector<std::string> grants(const Options& options) {
  return options.role.empty() ? options.allow : *grants_of(options.role);
}

std::string authorized_text(const bus::PublicKey& key, const std::vector<std::string>& allowed) {
  std::string text = "key     " + key.z85() + "\nallow  ";
  for (const auto& type : allowed) text += " " + type;
  return text + "\n";
}

/// Whole or not at all, for a running service reads this directory: written aside under a name that is passed
/// over, then linked.
void write_authorized(const std::string& path, const std::string& aside, const std::string& text) {
  const auto fail = [&path](int error) {
    const std::string hint = error == EEXIST ? "; remove it first to let another key in under this name" : "";
    return Failure{ExitCode::kFailed,
                   path + ": cannot be written: " + std::generic_category().message(error) + hint};
  };
  const int descriptor = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) throw fail(errno);
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(descriptor) == 0;
  const int write_error = errno;
  ::close(descriptor);
  const bool linked = written && ::link(aside.c_str(), path.c_str()) == 0;
  const int link_error = errno;
  ::unlink(aside.c_str());
  if (!linked) throw fail(written ? link_error : write_error);
}

ExitCode keygen(Session& session, const Options& options) {
  const std::string stem = (fs::path(options.out) / options.name).string();
  const std::string authorized =
      options.authorize.empty() ? "" : (fs::path(options.authorize) / options.name).string();
  if (!authorized.empty() && options.role.empty() && options.allow.empty()) {
    throw Failure{ExitCode::kUsage, "--authorize needs to know what this key may send: --role or --allow"};
  }
  const auto key = options.public_file.empty() ? make_keys(options, stem) : read_key(options.public_file);
  if (!authorized.empty()) {
    make_directory(options.authorize, 0755);
    const std::string aside = (fs::path(options.authorize) / ("." + options.name)).string();
    write_authorized(authorized, aside, authorized_text(key, grants(options)));
  }
  Json json{{"name", options.name}, {"public_key", key.z85()}};
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
      ->check(check_name);
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
          ->check(check_type);
  add_choice(*command, "--role", options->role, "or what a peer of this kind needs", all_roles())
      ->needs(authorize)
      ->excludes(allow);
  set_action(*command, session, options, keygen);
}

}  // namespace rostrum::cli
