// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/contract/bus/bus_fixture.hpp"

namespace rostrum::bus::test {
namespace {

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The page's block of code that begins with this line.
std::string example(const std::string& first_line) {
  const auto page = text_of(ROSTRUM_SOURCE_DIR "/docs/protocol.md");
  const auto begin = page.find("```python\n" + first_line);
  if (begin == std::string::npos) return "";
  const auto code = begin + std::string("```python\n").size();
  return page.substr(code, page.find("```", code) - code);
}

std::string with(std::string text, const std::string& old_words, const std::string& new_words) {
  const auto at = text.find(old_words);
  EXPECT_NE(at, std::string::npos) << old_words;
  return at == std::string::npos ? text : text.replace(at, old_words.size(), new_words);
}

class ProtocolPage : public BusTest {
 protected:
  /// Runs a shell command in the folder `work_` while the reactor turns; gives what it printed.
  std::string run(const std::string& command) {
    const std::string line = "cd '" + work_.path().string() + "' && { " + command + "; } >printed 2>&1";
    const pid_t child = fork();
    if (child == 0) {
      ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
      ::_exit(127);
    }
    int status = -1;
    until(
        command + " ends", [&] { return waitpid(child, &status, WNOHANG) == child; },
        std::chrono::seconds{60});
    const auto printed = text_of(work_.path_of("printed"));
    EXPECT_EQ(status, 0) << printed;
    return printed;
  }
  TemporaryFolder work_;
};

TEST_F(ProtocolPage, has_a_client_that_works_as_it_stands) {
  const auto site = admit("site", "group_upserted");
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings(), {"group_upserted"});
  std::filesystem::create_directory(work_.path_of("keys"));
  ASSERT_FALSE(write_key_pair(work_.path_of("keys/site"), site));
  work_.write("keys/registration.public", server_.public_key.z85() + "\n");
  work_.write("client.py", with(example("import os"), "tcp://127.0.0.1:5571", intake->endpoint()));
  run("protoc -I '" ROSTRUM_SOURCE_DIR "/proto' --python_out=. '" ROSTRUM_SOURCE_DIR
      "'/proto/rostrum/v1/*.proto");
  EXPECT_EQ(run("/usr/bin/python3 client.py"), "OUTCOME_STATUS_ACCEPTED \n");
  EXPECT_EQ(intake.order.size(), 1U);
}

TEST_F(ProtocolPage, seals_a_password_that_registration_can_open) {
  const auto sealing = make_key_pair();
  work_.write("sealing.public", sealing.public_key.z85() + "\n");
  work_.write("seal.py", example("from nacl") + "open('sealed', 'wb').write(sealed)\n");
  run("/usr/bin/python3 seal.py");
  const auto opened = open_sealed(text_of(work_.path_of("sealed")), sealing);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), "plum-7-tree");
}

}  // namespace
}  // namespace rostrum::bus::test
