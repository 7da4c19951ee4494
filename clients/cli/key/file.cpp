// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/key/file.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/cli/exit_code.hpp"
#include "common/bus/message_types.hpp"

namespace rostrum::cli::key {

namespace {

namespace fs = std::filesystem;

Failure failed(const std::string& path, const std::string& what, int error, const std::string& hint = {}) {
  return {ExitCode::kFailed, path + ": " + what + ": " + std::generic_category().message(error) + hint};
}

/// A file under a name that services pass over, gone again unless it was moved into its place.
class Aside {
 public:
  explicit Aside(const std::string& folder) : path_((fs::path(folder) / ".rostrum-XXXXXX").string()) {
    descriptor_ = ::mkostemp(path_.data(), O_CLOEXEC);
    if (descriptor_ < 0) throw failed(folder, "cannot be written", errno);
  }
  ~Aside() {
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  void fill(const std::string& text) const {
    const auto size = static_cast<ssize_t>(text.size());
    if (::fchmod(descriptor_, 0644) != 0 || ::write(descriptor_, text.data(), text.size()) != size ||
        ::fsync(descriptor_) != 0)
      throw failed(path_, "cannot be written", errno);
  }
  void move_to(const std::string& path, Existing existing) const {
    const bool done = existing == Existing::kReplace ? ::rename(path_.c_str(), path.c_str()) == 0
                                                     : ::link(path_.c_str(), path.c_str()) == 0;
    if (done) return;
    const int error = errno;
    throw failed(path, "cannot be written", error,
                 error == EEXIST ? "; remove it first to let another key in under this name" : "");
  }

 private:
  std::string path_;
  int descriptor_ = -1;
};

/// Names come and go for good only with their folder.
void sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) throw failed(folder, "cannot be written to disk", error);
}

}  // namespace

std::string name_problem(const std::string& name) {
  constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const bool good = !name.empty() && name.size() <= 64 && name.front() != '.' &&
                    name.find_first_not_of(kAllowed) == std::string::npos;
  return good ? std::string() : "a name is 1 to 64 of A-Z a-z 0-9 . _ - and does not begin with a dot";
}

std::string type_problem(const std::string& type) {
  return bus::all_message_types().contains(type)
             ? std::string()
             : "no message type: " + type + "; docs/protocol.md lists them";
}

/// A secret half looks just like a public one; what tells them apart are its name and who may read it.
bus::PublicKey read_public(const std::string& path) {
  struct ::stat status {};
  const bool owner_only = ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) == 0;
  if (fs::path(path).extension() == ".secret" || owner_only) {
    throw Failure{ExitCode::kUsage, path +
                                        ": only its owner can read it, as if it were a secret key; what is "
                                        "wanted is NAME.public (chmod 644 if it is one)"};
  }
  auto key = bus::read_public_key(path);
  if (!key) throw Failure{ExitCode::kFailed, key.error().text};
  return std::move(key).value();
}

std::string text_of(const bus::PublicKey& key, const std::vector<std::string>& allowed) {
  std::string text = "key     " + key.z85() + "\nallow  ";
  for (const auto& type : allowed) text += " " + type;
  return text + "\n";
}

void write(const std::string& folder, const std::string& name, const std::string& text, Existing existing) {
  const Aside aside(folder);
  aside.fill(text);
  aside.move_to((fs::path(folder) / name).string(), existing);
  sync_folder(folder);
}

void remove(const std::string& folder, const std::string& name) {
  const std::string path = (fs::path(folder) / name).string();
  if (::unlink(path.c_str()) != 0) throw failed(path, "cannot be removed", errno);
  sync_folder(folder);
}

void make_folder(const std::string& folder, unsigned mode) {
  if (fs::is_directory(folder)) return;
  const auto above = fs::path(folder).parent_path();
  // Whoever may write the folder above may put another in this one's place, so no umask decides about it.
  if (!above.empty() && !fs::exists(above)) make_folder(above.string(), 0755);
  if (::mkdir(folder.c_str(), mode) != 0) throw failed(folder, "cannot be made", errno);
  if (::chmod(folder.c_str(), mode) != 0) throw failed(folder, "cannot be given its mode", errno);
}

}  // namespace rostrum::cli::key
