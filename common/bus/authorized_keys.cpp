// SPDX-License-Identifier: Apache-2.0
#include "common/bus/authorized_keys.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include <sys/stat.h>

#include "common/base/names.hpp"
#include "common/bus/message_types.hpp"

namespace rostrum::bus {

namespace {

namespace fs = std::filesystem;
constexpr std::uintmax_t kMaxFileBytes = 16'384;
constexpr std::size_t kMaxKeys = 10'000;

/// Collects what is wrong, each with the path in front.
class Mistakes {
 public:
  void add(const std::string& path, const std::string& text) { list_.push_back(path + ": " + text); }
  [[nodiscard]] std::vector<std::string> take() { return std::move(list_); }
  [[nodiscard]] bool none() const { return list_.empty(); }

 private:
  std::vector<std::string> list_;
};

/// Whoever may write here may let himself in.
void check_mode(const std::string& path, Mistakes& mistakes) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return mistakes.add(path, std::generic_category().message(errno));
  if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    mistakes.add(path, "others may write it; mend it: chmod go-w " + path);
}

std::string all_types_text() {
  std::string text;
  for (const auto& type : all_message_types()) text += (text.empty() ? "" : " ") + type;
  return text;
}

class KeyFileReader {
 public:
  KeyFileReader(std::string path, std::string name, Mistakes& mistakes)
      : path_(std::move(path)), name_(std::move(name)), mistakes_(mistakes) {}

  std::optional<AuthorizedKey> read() {
    std::error_code error;
    const auto size = fs::file_size(path_, error);
    std::ifstream file(path_);
    if (error || !file) return fail("cannot be read");
    if (size > kMaxFileBytes) return fail("larger than 16 KiB");
    std::string line;
    while (std::getline(file, line)) read_line(line);
    if (!key_ && !bad_) return fail("names no key; add the line: key <40 characters of Z85>");
    if (bad_) return std::nullopt;
    return AuthorizedKey{name_, *key_, std::move(allowed_)};
  }

 private:
  std::optional<AuthorizedKey> fail(const std::string& text) {
    mistakes_.add(path_, text);
    bad_ = true;
    return std::nullopt;
  }
  void fail_line(const std::string& text) { fail("line " + std::to_string(line_number_) + ": " + text); }

  void read_line(const std::string& line) {
    ++line_number_;
    std::istringstream in(line);
    std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
    if (words.empty() || words.front().starts_with('#')) return;
    const std::string keyword = words.front();
    words.erase(words.begin());
    if (keyword == "key") return read_key(words);
    if (keyword == "allow") return read_allow(words);
    fail_line("'" + printable(keyword, 40) + "' is not known here; a line starts with key, allow or #");
  }

  void read_key(const std::vector<std::string>& words) {
    if (key_) return fail_line("a second key; one file names one key");
    if (words.size() == 1) key_ = PublicKey::parse(words.front());
    if (!key_) fail_line("not a public key: 40 characters of Z85, as in the .public file of rostrum keygen");
  }

  void read_allow(const std::vector<std::string>& words) {
    for (const auto& word : words) {
      if (all_message_types().contains(word))
        allowed_.insert(word);
      else
        fail_line("'" + printable(word, 40) + "' is not a message type; there are: " + all_types_text());
    }
  }

  std::string path_;
  std::string name_;
  Mistakes& mistakes_;
  std::size_t line_number_ = 0;
  bool bad_ = false;
  std::optional<PublicKey> key_;
  std::set<std::string, std::less<>> allowed_;
};

std::optional<std::vector<std::string>> file_names(const std::string& directory, Mistakes& mistakes) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    auto name = entries->path().filename().string();
    if (!name.starts_with('.') && !name.ends_with('~')) names.push_back(std::move(name));
  }
  if (error) {
    mistakes.add(directory, "cannot be read: " + error.message());
    return std::nullopt;
  }
  if (names.size() > kMaxKeys) {
    mistakes.add(directory, "more than 10,000 files");
    return std::nullopt;
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

AuthorizedKeys::AuthorizedKeys(std::vector<AuthorizedKey> keys) {
  for (auto& key : keys) {
    ROSTRUM_INVARIANT(names_.emplace(key.key, key.name).second);
    const std::string name = key.name;
    ROSTRUM_INVARIANT(keys_.emplace(name, std::move(key)).second);
  }
}

Result<AuthorizedKeys, std::vector<std::string>> AuthorizedKeys::read(const std::string& directory) {
  Mistakes mistakes;
  const auto names = file_names(directory, mistakes);
  if (!names) return mistakes.take();
  check_mode(directory, mistakes);

  std::vector<AuthorizedKey> keys;
  std::map<PublicKey, std::string> seen;
  for (const auto& name : *names) {
    const std::string path = (fs::path(directory) / name).string();
    check_mode(path, mistakes);
    if (const auto error = check_text(name, {.max_bytes = 256, .may_be_empty = false, .one_line = true}))
      mistakes.add(printable(path, 512), "this name cannot be a source: " + error->describe());
    auto key = KeyFileReader(path, name, mistakes).read();
    if (!key) continue;
    if (const auto [first, added] = seen.emplace(key->key, path); !added)
      mistakes.add(path, "the same key as in " + first->second + "; each peer has its own");
    keys.push_back(std::move(*key));
  }
  if (!mistakes.none()) return mistakes.take();
  return AuthorizedKeys(std::move(keys));
}

const AuthorizedKey* AuthorizedKeys::find_by_name(std::string_view name) const {
  const auto found = keys_.find(name);
  return found == keys_.end() ? nullptr : &found->second;
}

const AuthorizedKey* AuthorizedKeys::find_by_key(const PublicKey& key) const {
  const auto found = names_.find(key);
  return found == names_.end() ? nullptr : find_by_name(found->second);
}

}  // namespace rostrum::bus
