// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace rostrum {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

TEST(Documentation, shows_the_example_that_is_compiled_and_run) {
  const std::string example = content_of(ROSTRUM_SOURCE_DIR "/clients/cpp/example/publish.cpp");
  const std::string page = content_of(ROSTRUM_SOURCE_DIR "/docs/publishing.md");
  EXPECT_NE(page.find("```cpp\n" + example + "```\n"), std::string::npos)
      << "docs/publishing.md has to hold this:\n"
      << example;
}

}  // namespace
}  // namespace rostrum
