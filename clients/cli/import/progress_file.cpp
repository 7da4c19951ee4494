// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/progress_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/cli/exit_code.hpp"

namespace rostrum::cli::importing {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kBytes = 512;  // always as long: written over in one piece

Failure failure(const std::string& path, const std::string& what) {
  return {ExitCode::kUsage, path + ": " + what};
}

std::string error_text() {
  return std::generic_category().message(errno);
}

/// Opened and locked; -1 where it was taken away between the two.
int open_locked(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0)
    throw failure(path, "cannot be written (" + error_text() +
                            "); the import keeps its place there: copy the file into a folder of yours");
  struct ::stat status {};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    throw failure(path, "another import of this file is at work");
  }
  if (::fstat(descriptor, &status) == 0 && status.st_nlink > 0) return descriptor;
  ::close(descriptor);
  return -1;
}

}  // namespace

ProgressFile::ProgressFile(std::string path) : path_(std::move(path)), descriptor_(-1) {
  while (descriptor_ < 0) descriptor_ = open_locked(path_);
}

ProgressFile::~ProgressFile() {
  ::close(descriptor_);
}

Place ProgressFile::read() const {
  std::string text(kBytes, '\0');
  const ssize_t got = ::pread(descriptor_, text.data(), text.size(), 0);
  if (got <= 0) return {};
  const Json json = Json::parse(text.begin(), text.begin() + got, nullptr, false);
  try {
    return {.digest = json.at("digest"),
            .revision = json.at("revision"),
            .rows = json.at("rows"),
            .accepted = json.at("accepted"),
            .rejected = json.at("rejected"),
            .rejected_bytes = json.at("rejected_bytes")};
  } catch (const Json::exception&) {
    throw failure(path_, "cannot be understood; --restart begins anew");
  }
}

void ProgressFile::write(const Place& place) const {
  std::string text = Json{{"digest", place.digest},     {"revision", place.revision},
                          {"rows", place.rows},         {"accepted", place.accepted},
                          {"rejected", place.rejected}, {"rejected_bytes", place.rejected_bytes}}
                         .dump();
  text.resize(kBytes - 1, ' ');
  text += '\n';
  if (::pwrite(descriptor_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    throw failure(path_, "cannot be written: " + error_text());
}

void ProgressFile::remove() {
  ::unlink(path_.c_str());
}

}  // namespace rostrum::cli::importing
