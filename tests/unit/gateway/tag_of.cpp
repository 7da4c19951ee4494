// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/gateway/tag_of.hpp"

#include <gloox/parser.h>
#include <gloox/taghandler.h>

namespace rostrum::test {
namespace {

struct KeepingHandler final : gloox::TagHandler {
  void handleTag(gloox::Tag* one) override { tag.reset(one->clone()); }
  std::unique_ptr<gloox::Tag> tag;
};

}  // namespace

std::unique_ptr<gloox::Tag> tag_of(std::string xml) {
  KeepingHandler handler;
  gloox::Parser parser(&handler);
  parser.feed(xml);
  return std::move(handler.tag);
}

}  // namespace rostrum::test
