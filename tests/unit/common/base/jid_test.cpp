// SPDX-License-Identifier: Apache-2.0
#include "common/base/jid.hpp"

#include <type_traits>

#include <gtest/gtest.h>

#include "common/base/random.hpp"

namespace rostrum {
namespace {

static_assert(!std::is_default_constructible_v<Jid>, "a JID cannot exist in another form");

JidError refusal(std::string_view text) {
  const auto jid = Jid::parse(text);
  if (jid.ok()) {
    ADD_FAILURE() << "taken: " << text;
    return JidError::kEmpty;
  }
  return jid.error();
}

TEST(Jid, takes_what_is_prepared_and_tells_its_parts) {
  const auto jid = Jid::parse("anna@example.org");
  ASSERT_TRUE(jid);
  EXPECT_EQ(jid.value().text(), "anna@example.org");
  EXPECT_EQ(jid.value().localpart(), "anna");
  EXPECT_EQ(jid.value().domain(), "example.org");
}

TEST(Jid, takes_localparts_of_other_scripts_and_escaped_ones) {
  for (const auto* text : {"jürgen@example.org", "имя@example.org", "名前@example.org",
                           "d\\27artagnan@example.org", "a\\b@example.org", "a+b.c_d-e!#$%^*()=~`|{}?,;@x"}) {
    EXPECT_TRUE(Jid::parse(text)) << text;
  }
}

TEST(Jid, says_which_part_is_missing_or_too_much) {
  EXPECT_EQ(refusal(""), JidError::kEmpty);
  EXPECT_EQ(refusal("example.org"), JidError::kNoLocalpart);
  EXPECT_EQ(refusal("@example.org"), JidError::kNoLocalpart);
  EXPECT_EQ(refusal("anna@"), JidError::kInvalidDomain);
  EXPECT_EQ(refusal("anna@example.org/phone"), JidError::kHasResource);
  EXPECT_EQ(refusal("anna@example.org/"), JidError::kHasResource);
  EXPECT_EQ(refusal("a@b@c"), JidError::kInvalidDomain);
}

TEST(Jid, has_no_characters_that_xep_0106_escapes) {
  for (const std::string c : {" ", "\"", "&", "'", ":", "<", ">", "\t", "\n", "\x7f", "\a"}) {
    EXPECT_EQ(refusal("an" + c + "na@example.org"), JidError::kForbiddenCharacter) << c;
  }
  EXPECT_EQ(refusal("\\20anna@example.org"), JidError::kForbiddenCharacter);
  EXPECT_EQ(refusal("anna\\20@example.org"), JidError::kForbiddenCharacter);
  EXPECT_TRUE(Jid::parse("anna\\20b@example.org"));
}

TEST(Jid, refuses_bytes_that_are_no_text) {
  EXPECT_EQ(refusal("an\xffna@example.org"), JidError::kNotUtf8);
  EXPECT_EQ(refusal("anna@ex\xc3mple.org"), JidError::kNotUtf8);
  EXPECT_EQ(refusal(std::string("an\0na@example.org", 17)), JidError::kForbiddenCharacter);
  EXPECT_EQ(refusal("an\xef\xbf\xbfna@example.org"), JidError::kForbiddenCharacter);
}

TEST(Jid, refuses_what_preparation_would_change) {
  EXPECT_EQ(refusal("Anna@example.org"), JidError::kNotPrepared);
  EXPECT_EQ(refusal("anna@Example.org"), JidError::kNotPrepared);
  EXPECT_EQ(refusal("JÜRGEN@example.org"), JidError::kNotPrepared);
  EXPECT_EQ(refusal("an\xc2\xadna@example.org"), JidError::kNotPrepared) << "soft hyphen";
  EXPECT_EQ(refusal("ａｎｎａ@example.org"), JidError::kNotPrepared) << "full width";
  EXPECT_EQ(refusal("ju\xcc\x88rgen@example.org"), JidError::kNotPrepared) << "decomposed";
  EXPECT_EQ(refusal("straße@example.org"), JidError::kNotPrepared) << "ß becomes ss";
}

TEST(Jid, refuses_what_stringprep_refuses) {
  EXPECT_EQ(refusal("a\xc2\xa0z@x"), JidError::kForbiddenCharacter) << "no-break space";
  EXPECT_EQ(refusal("a\xe2\x80\xaez@x"), JidError::kForbiddenCharacter) << "right-to-left override";
  EXPECT_EQ(refusal("a\xee\x80\x80z@x"), JidError::kForbiddenCharacter) << "private use";
  EXPECT_EQ(refusal("a\xd7\x90z@x"), JidError::kForbiddenCharacter) << "Latin and Hebrew mixed, RFC 3454 §6";
  EXPECT_EQ(refusal("\xf0\x9f\x98\x80@x"), JidError::kForbiddenCharacter) << "unknown to Unicode 3.2";
}

TEST(Jid, has_a_host_name_for_a_domain) {
  const auto label63 = std::string(63, 'a');
  for (const auto& domain :
       {std::string("localhost"), std::string("a.b-c.d1"), std::string("xn--mller-kva.example"),
        std::string("3com.example"), std::string("1.2.3.x4"),
        label63 + "." + label63 + "." + label63 + "." + std::string(61, 'a')}) {
    EXPECT_TRUE(Jid::parse("anna@" + domain)) << domain;
  }
  for (const auto& domain :
       {std::string("."), std::string("example.org."), std::string(".example.org"), std::string("a..b"),
        std::string("-a.b"), std::string("a-.b"), std::string("a_b.c"), std::string("ex ample"),
        std::string("müller.example"), std::string("192.0.2.1"), std::string("[2001:db8::1]"),
        std::string("example.org:5222"), std::string("a,b"), label63 + "a.org",
        label63 + "." + label63 + "." + label63 + "." + std::string(62, 'a')}) {
    EXPECT_EQ(refusal("anna@" + domain), JidError::kInvalidDomain) << domain;
  }
}

TEST(Jid, bounds_its_parts) {
  EXPECT_TRUE(Jid::parse(std::string(1023, 'a') + "@x"));
  EXPECT_EQ(refusal(std::string(1024, 'a') + "@x"), JidError::kTooLong);
  EXPECT_EQ(refusal("a@" + std::string(1024, 'a')), JidError::kTooLong);
  std::string squares;  // each of 3 bytes becomes four Katakana, 12 bytes
  for (int i = 0; i < 300; ++i) squares += "\xe3\x8c\x80";
  EXPECT_EQ(Jid::prepare(squares + "@x").error(), JidError::kTooLong);
}

TEST(Jid, prepares_what_people_type) {
  EXPECT_EQ(Jid::prepare("Anna@Example.ORG").value().text(), "anna@example.org");
  EXPECT_EQ(Jid::prepare("JÜRGEN@example.org").value().text(), "jürgen@example.org");
  EXPECT_EQ(Jid::prepare("ａｎｎａ@ｅｘａｍｐｌｅ.org").value().text(), "anna@example.org");
  EXPECT_EQ(Jid::prepare("\xc2\xad@example.org").error(), JidError::kNoLocalpart);
  EXPECT_EQ(Jid::prepare("＠@example.org").error(), JidError::kForbiddenCharacter)
      << "full width @ becomes @";
}

TEST(BareOf, cuts_off_any_resource) {
  EXPECT_EQ(bare_of("anna@example.org").value().text(), "anna@example.org");
  EXPECT_EQ(bare_of("Anna@example.org/Phone").value().text(), "anna@example.org");
  EXPECT_EQ(bare_of("anna@example.org/a/b@c\xff").value().text(), "anna@example.org");
  EXPECT_EQ(bare_of("anna@example.org/").error(), JidError::kEmptyResource);
  EXPECT_EQ(bare_of("example.org/anna@x").error(), JidError::kNoLocalpart);
  EXPECT_EQ(bare_of("example.org").error(), JidError::kNoLocalpart);
  EXPECT_EQ(bare_of("/x").error(), JidError::kEmpty);
  EXPECT_EQ(bare_of("").error(), JidError::kEmpty);
}

TEST(PrepareDomain, takes_a_host_name_alone) {
  EXPECT_EQ(prepare_domain("Site.Test").value(), "site.test");
  EXPECT_EQ(prepare_domain("").error(), JidError::kEmpty);
  EXPECT_EQ(prepare_domain("anna@site.test").error(), JidError::kInvalidDomain);
  EXPECT_EQ(prepare_domain("\xff").error(), JidError::kNotUtf8);
  EXPECT_EQ(prepare_domain(std::string(1024, 'a')).error(), JidError::kTooLong);
}

struct EscapeCase {
  const char* login;
  const char* localpart;
};

// XEP-0106 §5, "Examples".
constexpr EscapeCase kEscapeCases[] = {
    {"space cadet", "space\\20cadet"},
    {"call me \"ishmael\"", "call\\20me\\20\\22ishmael\\22"},
    {"at&t guy", "at\\26t\\20guy"},
    {"d'artagnan", "d\\27artagnan"},
    {"/.fanboy", "\\2f.fanboy"},
    {"::foo::", "\\3a\\3afoo\\3a\\3a"},
    {"<foo>", "\\3cfoo\\3e"},
    {"user@host", "user\\40host"},
    {"c:\\net", "c\\3a\\net"},
    {"c:\\\\net", "c\\3a\\\\net"},
    {"c:\\cool stuff", "c\\3a\\cool\\20stuff"},
    {"c:\\5commas", "c\\3a\\5c5commas"},
    {"\\3and\\2is\\5cool", "\\5c3and\\2is\\5c5cool"},
    {"\\2plus\\2is\\4", "\\2plus\\2is\\4"},
    {"a\\5Cb", "a\\5c5Cb"},
};

TEST(EscapeLocalpart, follows_the_examples_of_xep_0106) {
  for (const auto& [login, localpart] : kEscapeCases) {
    EXPECT_EQ(escape_localpart(login), localpart);
    EXPECT_EQ(unescape_localpart(localpart), login);
  }
}

TEST(EscapeLocalpart, comes_back_whatever_the_login_is) {
  SeededRandom random(5);
  constexpr std::string_view kAlphabet = "\\\\\\ 20235cCfFaA\"&'/:<>@x";
  for (int round = 0; round < 20000; ++round) {
    std::string login;
    for (auto left = random.below(12); left > 0; --left) login += kAlphabet[random.below(kAlphabet.size())];
    const auto localpart = escape_localpart(login);
    ASSERT_EQ(localpart.find_first_of(" \"&'/:<>@"), std::string::npos);
    ASSERT_EQ(unescape_localpart(localpart), login);
  }
}

}  // namespace
}  // namespace rostrum
