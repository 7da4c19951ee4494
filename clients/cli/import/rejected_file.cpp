// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/rejected_file.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "clients/cli/exit_code.hpp"

namespace rostrum::cli::importing {

namespace {

Failure failure(const std::string& path) {
  return {ExitCode::kFailed, path + ": cannot be written: " + std::generic_category().message(errno)};
}

}  // namespace

RejectedFile::RejectedFile(std::string path, std::size_t kept_bytes)
    : path_(std::move(path)), bytes_(kept_bytes) {
  std::error_code ignored;  // there need not be one
  if (kept_bytes == 0)
    std::filesystem::rename(path_, path_ + "~", ignored);
  else
    open();
}

RejectedFile::~RejectedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RejectedFile::open() {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  const auto end = static_cast<off_t>(bytes_);
  if (descriptor_ < 0 || ::ftruncate(descriptor_, end) != 0 || ::lseek(descriptor_, end, SEEK_SET) != end)
    throw failure(path_);
}

void RejectedFile::append(std::string_view head, std::string_view lines) {
  if (descriptor_ < 0) open();
  if (bytes_ == 0) write(head);
  write(lines);
}

void RejectedFile::write(std::string_view text) {
  if (::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw failure(path_);
  bytes_ += text.size();
}

}  // namespace rostrum::cli::importing
