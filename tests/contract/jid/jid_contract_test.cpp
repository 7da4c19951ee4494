// SPDX-License-Identifier: Apache-2.0
// Our Jid beside the code that a Prosody server runs on every address: what we take it takes unchanged, what
// it refuses we refuse.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "common/base/jid.hpp"
#include "common/base/random.hpp"

namespace rostrum {
namespace {

constexpr auto* kProsody = "/usr/lib/prosody";
constexpr int kRandomAddresses = 10000;

std::string to_hex(std::string_view bytes) {
  constexpr auto* kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4U];
    text += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

/// What Prosody makes of each address; nothing where it refuses.
using Answers = std::vector<std::optional<std::string>>;

class Prosody : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(std::string(kProsody) + "/util/encodings.so") ||
        !std::filesystem::exists("/usr/bin/lua5.4")) {
      GTEST_SKIP() << "Prosody's modules in " << kProsody << " or lua5.4 are not installed";
    }
    std::string name = testing::TempDir() + "rostrum-jid-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  Answers ask(const std::vector<std::string>& addresses, const std::string& strictness) {
    const auto questions = folder_ / "questions";
    {
      std::ofstream out(questions);
      for (const auto& address : addresses) out << to_hex(address) << '\n';
    }
    const auto answers = folder_ / "answers";
    const auto command = std::string("/usr/bin/lua5.4 " PROSODY_JID_SCRIPT " ") + kProsody + " " +
                         strictness + " <" + questions.string() + " >" + answers.string();
    EXPECT_EQ(std::system(command.c_str()), 0);  // NOLINT: our own words only
    Answers prepared;
    std::ifstream in(answers);
    for (std::string line; std::getline(in, line);) {
      prepared.push_back(line == "refused" ? std::nullopt : std::optional(from_hex(line)));
    }
    EXPECT_EQ(prepared.size(), addresses.size());
    return prepared;
  }

  /// Prosody prepares strictly where accounts are made, leniently (with code points that Unicode 3.2 does not
  /// know) elsewhere.
  void expect_agreement(const std::vector<std::string>& addresses,
                        const std::vector<std::string>& strictnesses = {"strict", "lenient"}) {
    for (const auto& strictness : strictnesses) {
      const auto prosodys = ask(addresses, strictness);
      ASSERT_EQ(prosodys.size(), addresses.size());
      for (std::size_t i = 0; i < addresses.size(); ++i) expect_agreement(addresses[i], prosodys[i]);
    }
  }

 private:
  static void expect_agreement(const std::string& address, const std::optional<std::string>& prosodys) {
    if (const auto parsed = Jid::parse(address)) {
      EXPECT_EQ(prosodys, address) << "taken as it is: " << to_hex(address);
    }
    if (const auto prepared = Jid::prepare(address)) {
      EXPECT_EQ(prosodys, prepared.value().text()) << "prepared: " << to_hex(address);
    }
    if (!prosodys) {
      EXPECT_FALSE(Jid::prepare(address)) << "Prosody refuses " << to_hex(address);
    }
  }

  std::filesystem::path folder_;
};

std::string encode(char32_t c) {
  const auto tail = [c](unsigned shift) { return static_cast<char>(0x80U | ((c >> shift) & 0x3fU)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xc0U | (c >> 6U)), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xe0U | (c >> 12U)), tail(6), tail(0)};
  return {static_cast<char>(0xf0U | (c >> 18U)), tail(12), tail(6), tail(0)};
}

TEST_F(Prosody, agrees_on_nasty_addresses) {
  expect_agreement({
      "anna@example.org",
      "Anna@Example.ORG",
      "anna",
      "@example.org",
      "anna@",
      "anna@example.org/",
      "anna@example.org/phone",
      "a@b@c",
      "a@b/c@d",
      "anna@example.org.",
      "anna@.",
      "anna@..",
      "anna@a..b",
      "anna@-a.b",
      "anna@192.0.2.1",
      "anna@[2001:db8::1]",
      "anna@ex ample",
      "anna@m\xc3\xbcller.example",
      "anna@xn--mller-kva.example",
      "an na@example.org",
      "an\xc2\xadna@example.org",      // soft hyphen
      "\xc2\xad@example.org",          // nothing left
      "anna@\xc2\xad",                 // nothing left
      "an\xe2\x80\x8bna@example.org",  // zero width space
      "an\xe2\x80\xaena@example.org",  // right-to-left override
      "an\xef\xbb\xbfna@example.org",  // byte order mark
      "an\xef\xbc\xa0na@example.org",  // full width @
      "an\xef\xbc\x8fna@example.org",  // full width /
      "stra\xc3\x9f"
      "e@example.org",
      "\xce\xa3\xcf\x82\xcf\x83@example.org",  // the three sigmas
      "\xc4\xb0@example.org",                  // capital dotted I
      "\xc7\x85@example.org",                  // title case
      "ju\xcc\x88rgen@example.org",
      "\xcd\x85@example.org",      // combining iota, alone
      "\xe1\xbe\xb3@example.org",  // alpha with iota
      "\xd7\x90"
      "a@example.org",  // Hebrew and Latin
      "\xd7\x90"
      "1@example.org",  // Hebrew that ends with a digit
      "\xd7\x90"
      "1\xd7\x90@example.org",         // Hebrew around a digit
      "\xef\xb7\xba@example.org",      // one ligature, a whole phrase
      "\xe2\x84\xa1@example.org",      // TEL sign
      "\xf0\x9f\x98\x80@example.org",  // unknown to Unicode 3.2
      "\xed\xa0\x80@example.org",      // surrogate
      "\xef\xbf\xbe@example.org",
      "\xc0\xaf@example.org",
      "\xff@example.org",
      "anna@\xff",
      "\\20anna@example.org",
      "d\\27artagnan@example.org",
      std::string(1023, 'a') + "@example.org",
      std::string(1024, 'a') + "@example.org",
      "anna@" + std::string(1023, 'a'),
  });
}

TEST_F(Prosody, agrees_on_every_single_character) {
  std::vector<std::string> addresses;
  for (char32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0x30000 && c < 0xe0000) continue;  // planes without characters
    if (c >= 0xe1000) break;
    addresses.push_back("a" + encode(c) + "@example.org");
    if (c < 0x3000) addresses.push_back("anna@a" + encode(c) + "a.org");
  }
  expect_agreement(addresses, {"strict"});
}

TEST_F(Prosody, agrees_on_random_addresses) {
  std::random_device device;
  const auto seed =
      std::getenv("ROSTRUM_TEST_SEED") ? std::stoull(std::getenv("ROSTRUM_TEST_SEED")) : device();
  SCOPED_TRACE("ROSTRUM_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  const std::vector<std::string> pieces = {"a",        "Z",        "0",        ".",       "-", "@",
                                           "/",        "\\",       "\\20",     " ",       "_", ":",
                                           "\xc2\xad", "\xcc\x88", "\xcd\x85", "\xc3\x9f"};
  std::vector<std::string> addresses;
  for (int i = 0; i < kRandomAddresses; ++i) {
    std::string address;
    const auto append = [&](std::uint64_t most) {
      for (auto left = random.below(most) + 1; left > 0; --left) {
        const auto kind = random.below(10);
        if (kind < 4)
          address += pieces[random.below(pieces.size())];
        else if (kind < 6)
          address += static_cast<char>('a' + random.below(26));
        else if (kind < 9)
          address += encode(static_cast<char32_t>(random.below(0x3100) + 1));
        else
          address += encode(static_cast<char32_t>(random.below(0x11000) + 1));
      }
    };
    append(5);
    if (random.below(4) == 0) {
      address += '@';
      append(4);
    } else {
      address += "@Example.org";
    }
    addresses.push_back(address);
  }
  expect_agreement(addresses);
}

}  // namespace
}  // namespace rostrum
