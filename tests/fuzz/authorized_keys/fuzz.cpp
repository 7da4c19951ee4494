// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever stands in a file of authorized_keys/: it opens the door to one key for known message types, or it
// opens nothing and every mistake is a line for people. A word that is not understood never opens anything.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include "common/base/result.hpp"
#include "common/bus/key_folder.hpp"
#include "common/bus/message_types.hpp"
#include "tests/fuzz/support/input.hpp"

namespace {

using namespace rostrum;
namespace fs = std::filesystem;

/// One folder for the whole run, in memory where there is such a file system.
class Folder {
 public:
  Folder() {
    std::string path = fs::exists("/dev/shm") ? "/dev/shm/rostrum-fuzz-XXXXXX" : "/tmp/rostrum-fuzz-XXXXXX";
    ROSTRUM_INVARIANT(::mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  void put(std::string_view content) const {
    const std::string file = path_ + "/site";
    std::ofstream(file, std::ios::binary) << content;
    ROSTRUM_INVARIANT(::chmod(file.c_str(), 0600) == 0);
  }

 private:
  std::string path_;
};

void hold_grant(const bus::AuthorizedKeys& keys, std::string_view content) {
  ROSTRUM_INVARIANT(keys.size() == 1);
  const auto* site = keys.find_by_name("site");
  ROSTRUM_INVARIANT(site != nullptr && keys.find_by_key(site->key) == site);
  ROSTRUM_INVARIANT(content.find(site->key.z85()) != std::string_view::npos);
  for (const auto& type : site->allowed) {
    ROSTRUM_INVARIANT(bus::all_message_types().contains(type));
    ROSTRUM_INVARIANT(content.find(type) != std::string_view::npos);
  }
}

bool every_line_is_known(std::string_view content) {
  std::istringstream lines{std::string(content)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    if (words >> first && !first.starts_with('#') && first != "key" && first != "allow") return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  const auto content = fuzz::text_of(data, size);
  folder.put(content);
  const auto read = bus::read_key_folder(folder.path());
  ROSTRUM_INVARIANT(read.trusted() && read.files.size() == 1);
  const auto mistakes = read.all_mistakes();
  const auto keys = read.in_force();
  ROSTRUM_INVARIANT(read.wrong_files() == (mistakes.empty() ? 0U : 1U));
  if (mistakes.empty()) {
    hold_grant(keys, content);
    ROSTRUM_INVARIANT(every_line_is_known(content));
    return 0;
  }
  ROSTRUM_INVARIANT(keys.size() == 0);
  for (const auto& mistake : mistakes) {
    ROSTRUM_INVARIANT(mistake.starts_with(folder.path()));
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(mistake, 2'048));
  }
  return 0;
}
