// SPDX-License-Identifier: Apache-2.0
#include "common/bus/keys.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace rostrum::bus {
namespace {

// The pair of ZeroMQ RFC 32's and zmq_curve_keypair(3)'s examples.
constexpr std::string_view kSecret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
constexpr std::string_view kPublic = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

TEST(Keys, derive_the_public_half_from_the_secret_one) {
  const auto pair = pair_of(Secret(std::string(kSecret)));
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->public_key.z85(), kPublic);
}

TEST(Keys, refuse_what_is_not_forty_characters_of_z85) {
  EXPECT_TRUE(PublicKey::parse(kPublic));
  EXPECT_FALSE(PublicKey::parse(""));
  EXPECT_FALSE(PublicKey::parse(kPublic.substr(1)));
  EXPECT_FALSE(PublicKey::parse(std::string(kPublic) + "0"));
  EXPECT_FALSE(PublicKey::parse("\"q:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"));
  EXPECT_FALSE(PublicKey::parse("#####>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7")) << "a group above 2^32";
  EXPECT_FALSE(pair_of(Secret("short")));
}

TEST(Keys, come_back_from_files_as_they_were_written) {
  const test::TemporaryFolder directory;
  const auto pair = make_key_pair();
  ASSERT_FALSE(write_key_pair(directory.path_of("site"), pair));
  const auto again = read_secret_key(directory.path_of("site.secret"));
  ASSERT_TRUE(again.ok()) << again.error().text;
  EXPECT_EQ(again.value().public_key, pair.public_key);
  EXPECT_EQ(read_public_key(directory.path_of("site.public")).value(), pair.public_key);
}

TEST(Keys, are_never_overwritten) {
  const test::TemporaryFolder directory;
  ASSERT_FALSE(write_key_pair(directory.path_of("site"), make_key_pair()));
  const auto error = write_key_pair(directory.path_of("site"), make_key_pair());
  ASSERT_TRUE(error);
  EXPECT_NE(error->text.find("exists already"), std::string::npos);
}

TEST(Keys, that_others_may_read_are_refused_with_the_command_that_mends_it) {
  const test::TemporaryFolder directory;
  ASSERT_FALSE(write_key_pair(directory.path_of("site"), make_key_pair()));
  std::filesystem::permissions(directory.path_of("site.secret"), std::filesystem::perms{0640});
  const auto read = read_secret_key(directory.path_of("site.secret"));
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().text.find("chmod 600 "), std::string::npos);
}

TEST(Keys, say_what_is_wrong_with_a_file) {
  const test::TemporaryFolder directory;
  EXPECT_FALSE(read_secret_key(directory.path_of("absent")).ok());
  EXPECT_FALSE(read_secret_key(directory.path()).ok());
  directory.write("bad.public", "not a key\n");
  const auto read = read_public_key(directory.path_of("bad.public"));
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().text.find("40 characters of Z85"), std::string::npos);
}

TEST(SealedBox, opens_only_for_its_owner_and_only_unchanged) {
  const auto owner = make_key_pair();
  const auto sealed = seal("correct horse", owner.public_key);
  EXPECT_EQ(sealed.size(), std::string_view("correct horse").size() + 48);
  EXPECT_EQ(open_sealed(sealed, owner)->reveal(), "correct horse");
  EXPECT_FALSE(open_sealed(sealed, make_key_pair()));
  auto changed = sealed;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_FALSE(open_sealed(changed, owner));
  EXPECT_FALSE(open_sealed("short", owner));
  EXPECT_TRUE(open_sealed(seal("", owner.public_key), owner)->empty());
}

}  // namespace
}  // namespace rostrum::bus
