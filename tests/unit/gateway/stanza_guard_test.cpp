// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/stanza_guard.hpp"

#include <vector>

#include <gloox/parser.h>
#include <gloox/tag.h>
#include <gloox/taghandler.h>
#include <gtest/gtest.h>

namespace rostrum::gateway {
namespace {

using Kind = Piece::Kind;

constexpr std::string_view kHeader =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'>";

std::vector<Piece> cut(StanzaGuard& guard, std::string_view bytes) {
  std::vector<Piece> pieces;
  while (auto piece = guard.next(bytes)) pieces.push_back(std::move(*piece));
  return pieces;
}

/// The pieces of a stream whose header has been read.
std::vector<Piece> pieces_of(std::string_view bytes, StanzaLimits limits = {}) {
  StanzaGuard guard(limits);
  cut(guard, kHeader);
  return cut(guard, bytes);
}

/// What becomes of one element between two good ones; the good ones must come through.
Piece between_good_ones(const std::string& element, StanzaLimits limits = {}) {
  const auto pieces = pieces_of("<a/>" + element + "<b/>", limits);
  EXPECT_EQ(pieces.size(), 3u) << element;
  if (pieces.size() != 3) return {Kind::kBroken, {}, {}};
  EXPECT_EQ(pieces.front().xml, "<a/>");
  EXPECT_EQ(pieces.back().xml, "<b/>");
  return pieces[1];
}

void expect_hollow(const std::string& element, StanzaFault fault, StanzaLimits limits = {}) {
  const auto piece = between_good_ones(element, limits);
  EXPECT_EQ(piece.kind, Kind::kHollow) << element;
  EXPECT_EQ(piece.fault, fault) << element;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

struct CountingHandler final : gloox::TagHandler {
  void handleTag(gloox::Tag* tag) override { tags += tag != nullptr; }
  int tags = 0;
};

TEST(StanzaGuard, passes_header_elements_and_end) {
  StanzaGuard guard;
  const auto pieces =
      cut(guard,
          std::string(kHeader) + "<stream:features/> \n<message><body>hi</body></message></stream:stream>");
  ASSERT_EQ(pieces.size(), 4u);
  EXPECT_EQ(pieces[0].kind, Kind::kHeader);
  EXPECT_EQ(pieces[1].xml, "<stream:features/>");
  EXPECT_EQ(pieces[2].xml, "<message><body>hi</body></message>");
  EXPECT_EQ(pieces[3].kind, Kind::kEnd);
}

TEST(StanzaGuard, cuts_the_same_pieces_wherever_the_bytes_are_split) {
  const std::string stream = std::string(kHeader) +
                             "<message from='a@b/c' id=\"1\"><body>x &lt;&#x20AC;&gt; <![CDATA[ <raw> "
                             "]]]]></body><x xmlns='u'/></message>"
                             "<message><!-- no --><body>]]&gt;--></body></message><iq type='result' id='q'/>"
                             "<?xml version='1.0'?><stream:stream version='1.0'><presence/></stream:stream>";
  StanzaGuard whole;
  const auto expected = cut(whole, stream);
  ASSERT_EQ(expected.size(), 7u);
  EXPECT_EQ(expected[2].fault, StanzaFault::kForbiddenMarkup);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    StanzaGuard guard;
    auto pieces = cut(guard, std::string_view(stream).substr(0, first));
    for (std::size_t i = first; i < stream.size(); ++i) {
      for (auto& piece : cut(guard, std::string_view(stream).substr(i, 1)))
        pieces.push_back(std::move(piece));
    }
    ASSERT_EQ(pieces.size(), expected.size()) << first;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      EXPECT_EQ(pieces[i].kind, expected[i].kind) << first;
      EXPECT_EQ(pieces[i].xml, expected[i].xml) << first;
    }
  }
}

TEST(StanzaGuard, stops_between_pieces_so_that_the_caller_can) {
  StanzaGuard guard;
  cut(guard, kHeader);
  std::string_view bytes = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><iq type='result'/>";
  ASSERT_TRUE(guard.next(bytes));
  EXPECT_EQ(bytes, "<iq type='result'/>");
}

TEST(StanzaGuard, leaves_a_hollow_stanza_of_the_same_name) {
  EXPECT_EQ(between_good_ones("<message><!--x--></message>").xml, "<message/>");
  EXPECT_EQ(between_good_ones("<presence><!--x--></presence>").xml, "<presence/>");
  EXPECT_EQ(between_good_ones("<iq type='get'><!--x--></iq>").xml, "<iq type='result'/>");
}

TEST(StanzaGuard, drops_what_is_too_deep_and_lives) {
  expect_hollow("<message>" + repeated("<x>", 31) + "<x>y</x>" + repeated("</x>", 31) + "</message>",
                StanzaFault::kTooDeep);
  EXPECT_EQ(between_good_ones("<message>" + repeated("<x>", 31) + repeated("</x>", 31) + "</message>").kind,
            Kind::kElement);
}

TEST(StanzaGuard, holds_nothing_of_a_hundred_thousand_levels) {
  StanzaGuard guard;
  cut(guard, kHeader);
  cut(guard, "<message>" + repeated("<x>", 100'000));
  EXPECT_EQ(guard.held_bytes(), 0u);
  const auto pieces = cut(guard, repeated("</x>", 100'000) + "</message><b/>");
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].fault, StanzaFault::kTooDeep);
  EXPECT_EQ(pieces[1].xml, "<b/>");
}

TEST(StanzaGuard, never_holds_more_than_its_limit) {
  StanzaGuard guard({.bytes = 1'000});
  cut(guard, kHeader);
  cut(guard, "<message><body>");
  for (int i = 0; i < 100; ++i) {
    cut(guard, repeated("y", 1'000));
    EXPECT_LE(guard.held_bytes(), 1'000u);
  }
  const auto pieces = cut(guard, "</body></message><b/>");
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].fault, StanzaFault::kTooLarge);
}

TEST(StanzaGuard, drops_a_huge_attribute_and_lives) {
  expect_hollow("<message id='" + repeated("y", 10'000) + "'/>", StanzaFault::kTooLarge, {.bytes = 1'000});
}

TEST(StanzaGuard, drops_too_many_elements_and_attributes) {
  expect_hollow("<message>" + repeated("<x/>", 1'000) + "</message>", StanzaFault::kTooManyElements);
  std::string attributes;
  for (int i = 0; i < 65; ++i) attributes += " a" + std::to_string(i) + "='1'";
  expect_hollow("<message" + attributes + "/>", StanzaFault::kTooManyAttributes);
}

TEST(StanzaGuard, drops_what_no_stream_may_carry) {
  for (const auto* inside :
       {"<!-- x -->", "<!-- > -- <x> -->", "<?php x ?>", "<!DOCTYPE x>", "<!DOCTYPE x [<!ENTITY y 'z'>]>"})
    expect_hollow("<message>" + std::string(inside) + "</message>", StanzaFault::kForbiddenMarkup);
}

TEST(StanzaGuard, drops_references_that_gloox_cannot_take) {
  for (const auto* reference :
       {"&nbsp;", "&x;", "&;", "&", "&amp", "&#;", "&#x;", "&#0;", "&#8;", "&#xD800;", "&#xFFFE;",
        "&#x1F600;", "&#X41;", "&#+65;", "&# 65;", "&#-1;", "&#00000065;", "&#99999999999999999999;"}) {
    expect_hollow("<message><body>" + std::string(reference) + "</body></message>",
                  StanzaFault::kBadReference);
    expect_hollow("<message id='" + std::string(reference) + "'/>", StanzaFault::kBadReference);
  }
  EXPECT_EQ(
      between_good_ones("<message><body>&lt;&gt;&amp;&quot;&apos;&#65;&#x20AC;&#xFFFD;</body></message>")
          .kind,
      Kind::kElement);
}

TEST(StanzaGuard, drops_characters_outside_xml) {
  for (const auto* bytes : {"\x01", "\x1F", "\xFF", "\xC0\x80", "\xED\xA0\x80", "\xEF\xBF\xBE", "\xE2\x82"})
    expect_hollow("<message><body>" + std::string(bytes) + "</body></message>",
                  StanzaFault::kForbiddenCharacter);
  expect_hollow(std::string("<message><body>\0</body></message>", 33), StanzaFault::kForbiddenCharacter);
}

TEST(StanzaGuard, drops_the_stream_prefix_inside_a_stanza) {
  expect_hollow("<message><stream:error/></message>", StanzaFault::kStreamPrefix);
  expect_hollow("<message><stream:stream></stream:stream></message>", StanzaFault::kStreamPrefix);
}

TEST(StanzaGuard, drops_forms_that_gloox_misreads) {
  for (const auto* element :
       {"<message></message >", "<message a='\"'/>", "<message a=b/>", "<message a/>",
        "<message a='1'b='2'/>", "<m\xC3\xA9/>", "<a:b:c/>", "<message><x></y></message>", "<1/>",
        "<message :a='1'/>", "<message></ message>"})
    expect_hollow(element, StanzaFault::kMalformed);
}

TEST(StanzaGuard, text_between_stanzas_breaks_the_stream) {
  const auto pieces = pieces_of("<a/>hello<b/>");
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[1].kind, Kind::kBroken);
}

TEST(StanzaGuard, a_closing_tag_without_an_opening_one_breaks_the_stream) {
  EXPECT_EQ(pieces_of("</message>").back().kind, Kind::kBroken);
}

TEST(StanzaGuard, what_passes_is_one_tag_to_gloox) {
  for (const auto* element :
       {"<message/>", "<message\n a = '1'\tb=\"2\" />", "<message><body>a]]&gt;b</body></message>",
        "<message><body><![CDATA[]]]]><![CDATA[>]]></body></message>", "<x:y xmlns:x='u'><x:z/></x:y>",
        "<message xml:lang='en'><body>\xF0\x9F\x98\x80</body></message>"}) {
    ASSERT_EQ(between_good_ones(element).kind, Kind::kElement) << element;
    CountingHandler handler;
    gloox::Parser parser(&handler);
    std::string xml = element;
    EXPECT_EQ(parser.feed(xml), -1) << element;
    EXPECT_EQ(handler.tags, 1) << element;
  }
}

}  // namespace
}  // namespace rostrum::gateway
