// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever bytes come: the guard holds no more than its limit, cuts the same pieces however the bytes arrive,
// and what it passes is exactly one element to gloox's parser.
#include <cstdint>
#include <vector>

#include <gloox/parser.h>
#include <gloox/tag.h>
#include <gloox/taghandler.h>

#include "common/base/result.hpp"
#include "services/gateway/core/stanza_guard.hpp"

namespace {

using rostrum::gateway::Piece;
using rostrum::gateway::StanzaGuard;
using rostrum::gateway::StanzaLimits;

constexpr StanzaLimits kLimits{.bytes = 512, .depth = 8, .elements = 32, .attributes = 8};
constexpr std::string_view kHeader =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

struct CountingHandler final : gloox::TagHandler {
  void handleTag(gloox::Tag* tag) override { tags += tag != nullptr; }
  int tags = 0;
};

std::vector<Piece> cut(std::string_view bytes, std::size_t at_once) {
  StanzaGuard guard(kLimits);
  std::vector<Piece> pieces;
  while (!bytes.empty()) {
    auto part = bytes.substr(0, at_once);
    bytes.remove_prefix(part.size());
    while (auto piece = guard.next(part)) pieces.push_back(std::move(*piece));
    ROSTRUM_INVARIANT(guard.held_bytes() <= kLimits.bytes);
  }
  return pieces;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto pieces = cut(bytes, size);
  const auto slowly = cut(bytes, 1);
  ROSTRUM_INVARIANT(pieces.size() == slowly.size());
  CountingHandler handler;
  gloox::Parser parser(&handler);
  std::string header(kHeader);
  ROSTRUM_INVARIANT(parser.feed(header) == -1);
  int expected_tags = 1;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    ROSTRUM_INVARIANT(pieces[i].kind == slowly[i].kind && pieces[i].xml == slowly[i].xml);
    if (pieces[i].kind != Piece::Kind::kElement && pieces[i].kind != Piece::Kind::kHollow) continue;
    std::string xml = pieces[i].xml;
    ROSTRUM_INVARIANT(parser.feed(xml) == -1);
    ROSTRUM_INVARIANT(handler.tags == ++expected_tags);
  }
  return 0;
}
