// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "clients/cli/exit_code.hpp"
#include "clients/cli/import/progress_file.hpp"
#include "clients/cli/import/rejected_file.hpp"
#include "clients/cli/import/source.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::cli::importing {
namespace {

class ImportFiles : public ::testing::Test {
 protected:
  [[nodiscard]] std::string content_of(const std::string& name) const {
    std::ifstream file(folder_.path_of(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path_of(name); }
  static std::string complaint(const std::function<void()>& action) {
    try {
      action();
    } catch (const Failure& failure) {
      return failure.text;
    }
    return "none";
  }
  test::TemporaryFolder folder_;
};

TEST_F(ImportFiles, keep_a_place_for_the_next_process) {
  const Place place{"abc", 18'000'000'000'000'000'000U, 7, 5, 2, 123};
  {
    const ProgressFile file(path("p"));
    EXPECT_EQ(file.read().digest, "");
    file.write({"abc", 1, 123'456, 123'456, 0, 0});
    file.write(place);
  }
  const auto read = ProgressFile(path("p")).read();
  EXPECT_EQ(read.digest, "abc");
  EXPECT_EQ(read.revision, 18'000'000'000'000'000'000U);
  EXPECT_EQ(read.rows, 7U);
  EXPECT_EQ(read.accepted, 5U);
  EXPECT_EQ(read.rejected, 2U);
  EXPECT_EQ(read.rejected_bytes, 123U);
}

TEST_F(ImportFiles, are_held_by_one_import_at_a_time) {
  const ProgressFile file(path("p"));
  EXPECT_NE(complaint([this] { const ProgressFile second(path("p")); }).find("another import"),
            std::string::npos);
}

TEST_F(ImportFiles, are_gone_when_the_import_has_ended) {
  ProgressFile file(path("p"));
  file.remove();
  EXPECT_FALSE(std::filesystem::exists(path("p")));
}

TEST_F(ImportFiles, say_how_to_go_on_when_they_cannot_be_used) {
  EXPECT_NE(complaint([this] { const ProgressFile file(path("nowhere/p")); }).find("copy the file"),
            std::string::npos);
  folder_.write("p", "not ours");
  EXPECT_NE(complaint([this] { (void)ProgressFile(path("p")).read(); }).find("--restart"), std::string::npos);
  folder_.write("p", "{\"digest\": 7}");
  EXPECT_NE(complaint([this] { (void)ProgressFile(path("p")).read(); }).find("--restart"), std::string::npos);
}

TEST_F(ImportFiles, of_rejected_rows_are_made_when_there_is_one_for_their_owner_alone) {
  {
    RejectedFile file(path("r"), 0);
    EXPECT_FALSE(std::filesystem::exists(path("r")));
    file.append("head\n", "one\n");
    file.append("head\n", "two\n");
    EXPECT_EQ(file.bytes(), 13U);
  }
  EXPECT_EQ(content_of("r"), "head\none\ntwo\n");
  struct ::stat status {};
  ASSERT_EQ(::stat(path("r").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ImportFiles, of_rejected_rows_go_on_behind_what_was_kept) {
  folder_.write("r", "head\none\nwritten after the place was kept\n");
  RejectedFile(path("r"), 9).append("head\n", "two\n");
  EXPECT_EQ(content_of("r"), "head\none\ntwo\n");
}

TEST_F(ImportFiles, of_rejected_rows_never_overwrite_what_somebody_mended) {
  folder_.write("r", "mended by hand\n");
  const RejectedFile file(path("r"), 0);
  EXPECT_FALSE(std::filesystem::exists(path("r")));
  EXPECT_EQ(content_of("r~"), "mended by hand\n");
}

TEST_F(ImportFiles, are_told_apart_by_what_they_hold) {
  EXPECT_EQ(digest_of({"a", "b"}), digest_of({"a", "b"}));
  EXPECT_NE(digest_of({"a", "b"}), digest_of({"ab", ""}));
  EXPECT_EQ(digest_of({"a"}).size(), 32U);
}

TEST_F(ImportFiles, that_cannot_be_read_are_named) {
  EXPECT_NE(complaint([this] { (void)read_file(path("missing")); }).find("No such file"), std::string::npos);
  EXPECT_NE(complaint([this] { (void)read_file(folder_.path().string()); }), "none");
}

}  // namespace
}  // namespace rostrum::cli::importing
