// SPDX-License-Identifier: Apache-2.0
#include "common/bus/key_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.hpp"
#include "common/bus/message_types.hpp"

namespace rostrum::bus {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxFileBytes = 16'384;
constexpr std::size_t kMaxFiles = 10'000;

std::string cannot_be_read(int error) {
  return "cannot be read: " + std::generic_category().message(error);
}

bool others_may_write(const struct stat& about) {
  return (about.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/// An owner may write what is his, whatever its mode: he must be root or the service's own user.
bool stranger_owns(const struct stat& about, uid_t user) {
  return about.st_uid != 0 && about.st_uid != user;
}

std::string owned_by_stranger(const struct stat& about, uid_t user) {
  return "it belongs to user " + std::to_string(about.st_uid) +
         ", who is neither root nor the service's user (" + std::to_string(user) + ")";
}

std::string chown_to(uid_t user, const std::string& path) {
  return "; mend it: chown " + std::to_string(user) + " " + path;
}

/// The whole of an ordinary file that nobody but root and the service's user may write. The open file is
/// asked, not its name: what is checked is what is read.
std::string read_file(const std::string& path, uid_t user, std::vector<std::string>& mistakes) {
  // O_NONBLOCK: a named pipe must not stop the service.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat about {};
  std::string bytes;
  if (file < 0 || ::fstat(file, &about) != 0) {
    mistakes.push_back(cannot_be_read(errno));
  } else if (!S_ISREG(about.st_mode)) {
    mistakes.emplace_back("not an ordinary file");
  } else {
    // Whoever may write here may let himself in.
    if (stranger_owns(about, user)) mistakes.push_back(owned_by_stranger(about, user) + chown_to(user, path));
    if (others_may_write(about)) mistakes.push_back("others may write it; mend it: chmod go-w " + path);
    bytes.resize(kMaxFileBytes + 1);
    const ssize_t size = ::read(file, bytes.data(), bytes.size());
    if (size < 0) mistakes.push_back(cannot_be_read(errno));
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    if (bytes.size() > kMaxFileBytes) mistakes.emplace_back("larger than 16 KiB");
  }
  if (file >= 0) ::close(file);
  return bytes;
}

std::string all_types_text() {
  std::string text;
  for (const auto& type : all_message_types()) text += (text.empty() ? "" : " ") + type;
  return text;
}

class KeyFileReader {
 public:
  explicit KeyFileReader(KeyFile& file) : file_(file) {}

  void read(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) read_line(line);
    if (!key_ && !wrong_key_)
      file_.mistakes.emplace_back("names no key; add the line: key <40 characters of Z85>");
    if (key_) file_.says = AuthorizedKey{file_.name, *key_, std::move(allowed_)};
  }

 private:
  void fail(const std::string& text) {
    file_.mistakes.push_back("line " + std::to_string(line_number_) + ": " + text);
  }

  void read_line(const std::string& line) {
    ++line_number_;
    std::istringstream in(line);
    std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
    if (words.empty() || words.front().starts_with('#')) return;
    const std::string keyword = words.front();
    words.erase(words.begin());
    if (keyword == "key") return read_key(words);
    if (keyword == "allow") return read_allow(words);
    fail("'" + printable(keyword, 40) + "' is not known here; a line starts with key, allow or #");
  }

  void read_key(const std::vector<std::string>& words) {
    if (key_) return fail("a second key; one file names one key");
    if (words.size() == 1) key_ = PublicKey::parse(words.front());
    wrong_key_ = !key_;
    if (wrong_key_) fail("not a public key: 40 characters of Z85, as in the .public file of rostrum keygen");
  }

  void read_allow(const std::vector<std::string>& words) {
    for (const auto& word : words) {
      if (all_message_types().contains(word))
        allowed_.insert(word);
      else
        fail("'" + printable(word, 40) + "' is not a message type; there are: " + all_types_text());
    }
  }

  KeyFile& file_;
  std::size_t line_number_ = 0;
  bool wrong_key_ = false;
  std::optional<PublicKey> key_;
  std::set<std::string, std::less<>> allowed_;
};

KeyFile read_key_file(const std::string& folder, std::string name, uid_t user) {
  KeyFile file{std::move(name), {}, std::nullopt, {}};
  file.path = (fs::path(folder) / file.name).string();
  if (const auto error = check_text(file.name, {.max_bytes = 256, .may_be_empty = false, .one_line = true}))
    file.mistakes.push_back("this name cannot be a source: " + error->describe());
  const auto text = read_file(file.path, user, file.mistakes);
  if (!text.empty() || file.mistakes.empty()) KeyFileReader(file).read(text);
  return file;
}

/// Whoever may write the folder may let himself in; whoever may write the one above it may put another in its
/// place.
void check_writers(const fs::path& folder, uid_t user, std::vector<std::string>& mistakes) {
  struct stat about {};
  if (::stat(folder.c_str(), &about) != 0) return mistakes.push_back(cannot_be_read(errno));
  if (stranger_owns(about, user))
    mistakes.push_back(owned_by_stranger(about, user) + chown_to(user, folder.string()));
  if (others_may_write(about))
    mistakes.push_back("others may write it; mend it: chmod go-w " + folder.string());
  const auto above = fs::absolute(folder / "").lexically_normal().parent_path().parent_path();
  if (::stat(above.c_str(), &about) != 0) return;
  // Also where it is sticky: its owner may move what lies there.
  if (stranger_owns(about, user))
    mistakes.push_back("of " + above.string() + " above it: " + owned_by_stranger(about, user) +
                       ", and may put another folder in its place" + chown_to(user, above.string()));
  if (others_may_write(about) && (about.st_mode & S_ISVTX) == 0)
    mistakes.push_back("others may write " + above.string() +
                       ", and so put another folder in its place; mend it: chmod go-w " + above.string());
}

std::vector<std::string> file_names(const std::string& folder, std::vector<std::string>& mistakes) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    auto name = entries->path().filename().string();
    if (!name.starts_with('.') && !name.ends_with('~')) names.push_back(std::move(name));
  }
  if (error) mistakes.push_back("cannot be read: " + error.message());
  if (names.size() > kMaxFiles) {
    mistakes.emplace_back("more than 10,000 files");
    names.clear();
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Which of the two is meant cannot be told, and either could be somebody's way around a narrower grant.
void refuse_shared_keys(std::vector<KeyFile>& files) {
  std::map<PublicKey, std::vector<KeyFile*>> by_key;
  for (auto& file : files) {
    if (file.says) by_key[file.says->key].push_back(&file);
  }
  for (const auto& [key, sharers] : by_key) {
    for (std::size_t i = 0; sharers.size() > 1 && i < sharers.size(); ++i) {
      const auto& other = sharers[i == 0 ? 1 : 0]->path;
      sharers[i]->mistakes.push_back("the same key as in " + other +
                                     "; each peer has its own: remove one of them");
    }
  }
}

}  // namespace

std::size_t KeyFolder::wrong_files() const {
  return static_cast<std::size_t>(
      std::count_if(files.begin(), files.end(), [](const KeyFile& file) { return !file.mistakes.empty(); }));
}

AuthorizedKeys KeyFolder::in_force() const {
  std::vector<AuthorizedKey> keys;
  for (const auto& file : files) {
    if (trusted() && file.mistakes.empty()) keys.push_back(file.says.value());
  }
  return AuthorizedKeys(std::move(keys));
}

const KeyFile* KeyFolder::find_wrong(const PublicKey& key) const {
  const auto found = std::find_if(files.begin(), files.end(), [&](const KeyFile& file) {
    return !file.mistakes.empty() && file.says && file.says->key == key;
  });
  return found == files.end() ? nullptr : &*found;
}

std::vector<std::string> KeyFolder::all_mistakes() const {
  std::vector<std::string> all;
  for (const auto& mistake : mistakes) all.push_back(path + ": " + mistake);
  for (const auto& file : files) {
    for (const auto& mistake : file.mistakes) all.push_back(printable(file.path, 512) + ": " + mistake);
  }
  return all;
}

KeyFolder read_key_folder(const std::string& path) {
  return read_key_folder(path, ::geteuid());
}

KeyFolder read_key_folder(const std::string& path, uid_t user) {
  KeyFolder folder{path, {}, {}};
  check_writers(path, user, folder.mistakes);
  for (auto& name : file_names(path, folder.mistakes))
    folder.files.push_back(read_key_file(path, std::move(name), user));
  refuse_shared_keys(folder.files);
  return folder;
}

}  // namespace rostrum::bus
