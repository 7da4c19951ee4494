// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever text is to be carried in a stanza: if it is good, gloox writes it as an element that our guard
// passes and that gloox reads as the same text; if not, what stands before the place that is told was good.
// What is printable is one line, and stays as it is.
#include <gloox/parser.h>
#include <gloox/tag.h>
#include <gloox/taghandler.h>

#include "common/base/result.hpp"
#include "services/gateway/core/stanza_guard.hpp"
#include "tests/fuzz/support/input.hpp"

namespace {

using namespace rostrum;

constexpr std::size_t kMaxBytes = 256;

struct KeepingHandler final : gloox::TagHandler {
  void handleTag(gloox::Tag* tag) override {
    if (tag != nullptr && tag->name() == "body") text = tag->cdata();
  }
  std::string text;
};

std::string carried(const std::string& text) {
  gloox::Tag body("body", text);
  std::string stream = body.xml();
  constexpr gateway::StanzaLimits kLimits{
      .bytes = 6 * kMaxBytes + 64, .depth = 8, .elements = 8, .attributes = 8};
  gateway::StanzaGuard guard(kLimits);
  std::string_view header = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>";
  KeepingHandler handler;
  gloox::Parser parser(&handler);
  const auto pass = [&](std::string_view bytes, gateway::Piece::Kind kind) {
    auto piece = guard.next(bytes);
    ROSTRUM_INVARIANT(piece && piece->kind == kind && bytes.empty());
    ROSTRUM_INVARIANT(parser.feed(piece->xml) == -1);
  };
  pass(header, gateway::Piece::Kind::kHeader);
  pass(stream, gateway::Piece::Kind::kElement);
  return handler.text;
}

void hold(std::string_view text, const TextRule& rule) {
  const auto error = check_text(text, rule);
  if (!error) {
    ROSTRUM_INVARIANT(text.size() <= rule.max_bytes && (rule.may_be_empty || !text.empty()));
    return;
  }
  ROSTRUM_INVARIANT(fuzz::is_line_for_people(error->describe(), 128));
  if (error->fault == TextFault::kNotUtf8 || error->fault == TextFault::kForbiddenCharacter) {
    ROSTRUM_INVARIANT(error->byte_offset < text.size());
    const TextRule same{.max_bytes = rule.max_bytes, .one_line = rule.one_line};
    ROSTRUM_INVARIANT(!check_text(text.substr(0, error->byte_offset), same));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  hold(text, {.max_bytes = kMaxBytes});
  hold(text, {.max_bytes = kMaxBytes, .may_be_empty = false, .one_line = true});
  const bool is_line = !check_text(text, {.max_bytes = kMaxBytes, .one_line = true});
  const bool is_text = !check_text(text, {.max_bytes = kMaxBytes});
  ROSTRUM_INVARIANT(is_text || !is_line);
  if (is_text) ROSTRUM_INVARIANT(carried(std::string(text)) == text);

  const auto shown = printable(text, kMaxBytes);
  ROSTRUM_INVARIANT(!check_text(shown, {.max_bytes = kMaxBytes, .one_line = true}));
  ROSTRUM_INVARIANT(printable(shown, kMaxBytes) == shown);
  return 0;
}
