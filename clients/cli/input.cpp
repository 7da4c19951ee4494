// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/input.hpp"

#include <cerrno>
#include <fstream>
#include <istream>
#include <system_error>

#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

constexpr std::size_t kLongestBytes = std::size_t{64} * 1024;  // more than any event takes

Failure unreadable(const std::string& what, const std::string& why) {
  return {ExitCode::kUsage, printable(what, 256) + ": " + why};
}

}  // namespace

Secret read_password(Session& session, const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file);
    if (!opened) throw unreadable(file, "cannot be read: " + std::generic_category().message(errno));
  }
  std::string line;
  line.reserve(1'024);  // a string that grows leaves copies behind
  std::getline(file == "-" ? session.in : opened, line);
  if (line.ends_with('\r')) line.pop_back();
  Secret password(std::move(line));
  if (password.empty())
    throw unreadable(file == "-" ? "standard input" : file, "its first line, the password, is empty");
  return password;
}

std::string read_text(Session& session, const std::string& argument) {
  if (argument != "-") return argument;
  std::string text(kLongestBytes + 1, '\0');
  session.in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(session.in.gcount()));
  if (text.size() > kLongestBytes) throw unreadable("standard input", "too long for a notice");
  text.erase(text.find_last_not_of("\r\n") + 1);
  return text;
}

}  // namespace rostrum::cli
