// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/files.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rostrum::config {

namespace {

constexpr std::size_t kMaxSecretBytes = 4096;

class Descriptor {
 public:
  // O_NONBLOCK: opening a named pipe must not wait for its other end; without effect on ordinary files.
  explicit Descriptor(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

FileProblem cannot(const std::string& verb, const std::string& path, int error) {
  return {"cannot " + verb + " " + path + ": " + std::generic_category().message(error)};
}

Result<std::string, FileProblem> read_all(const Descriptor& file, const std::string& path,
                                          std::size_t max_bytes) {
  std::string content(max_bytes + 1,
                      '\0');  // at once: a growing string would leave copies of a secret behind
  std::size_t filled = 0;
  while (filled < content.size()) {
    const auto got = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot("read", path, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > max_bytes)
    return FileProblem{path + " is larger than " + std::to_string(max_bytes) + " bytes"};
  content.resize(filled);
  return content;
}

std::optional<FileProblem> not_ordinary(const std::string& path, const struct stat& status) {
  if (S_ISREG(status.st_mode)) return std::nullopt;
  return FileProblem{path + " is not an ordinary file"};
}

}  // namespace

std::optional<FileProblem> file_problem(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return cannot("open", path, errno);
  if (auto problem = not_ordinary(path, status)) return problem;
  if (::access(path.c_str(), R_OK) != 0) return cannot("read", path, errno);
  return std::nullopt;
}

std::optional<FileProblem> directory_problem(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return cannot("open", path, errno);
  if (!S_ISDIR(status.st_mode)) return FileProblem{path + " is not a folder"};
  if (::access(path.c_str(), R_OK | X_OK) != 0) return cannot("read", path, errno);
  return std::nullopt;
}

std::optional<FileProblem> problem_if_others_may_write(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return std::nullopt;
  return FileProblem{"others than its owner may write it; mend it with: chmod go-w " + path};
}

std::optional<FileProblem> problem_if_others_may_read(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IRGRP | S_IROTH)) == 0) return std::nullopt;
  return FileProblem{"others than its owner may read it; mend it with: chmod 600 " + path};
}

Result<std::string, FileProblem> read_file(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(path);
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return cannot("open", path, errno);
  if (const auto problem = not_ordinary(path, status)) return *problem;
  return read_all(file, path, max_bytes);
}

Result<Secret, FileProblem> read_secret(const std::string& path) {
  const Descriptor file(path);
  struct stat status {};
  // The open file is asked, not its name: what is checked is what is read.
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return cannot("open", path, errno);
  if (const auto problem = not_ordinary(path, status)) return *problem;
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return FileProblem{path + " can be read by others than its owner; mend it with: chmod 600 " + path};
  }
  auto content = read_all(file, path, kMaxSecretBytes);
  if (!content) return content.error();
  auto bytes = std::move(content).value();
  if (bytes.ends_with('\n')) bytes.pop_back();
  if (bytes.empty()) return FileProblem{path + " is empty"};
  return Secret(std::move(bytes));
}

}  // namespace rostrum::config
