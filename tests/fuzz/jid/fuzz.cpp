// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever text comes as a JID: what is prepared is a JID as it stands, preparing it again changes nothing,
// and gloox, which prepares what we send once more, sees the same account. Escaping (XEP-0106) is undone by
// unescaping.
#include <gloox/jid.h>

#include "common/base/jid.hpp"
#include "common/base/result.hpp"
#include "tests/fuzz/support/input.hpp"

namespace {

using namespace rostrum;

void hold(const Jid& jid) {
  const auto& text = jid.text();
  ROSTRUM_INVARIANT(Jid::parse(text).value() == jid);
  ROSTRUM_INVARIANT(Jid::prepare(text).value() == jid);
  ROSTRUM_INVARIANT(std::string(jid.localpart()) + '@' + std::string(jid.domain()) == text);
  ROSTRUM_INVARIANT(!jid.localpart().empty() && jid.localpart().size() <= 1'023);
  ROSTRUM_INVARIANT(jid.localpart().find_first_of("\"&'/:<>@ ") == std::string_view::npos);
  ROSTRUM_INVARIANT(prepare_domain(jid.domain()).value() == jid.domain());
  ROSTRUM_INVARIANT(bare_of(text + "/resource/with a slash").value() == jid);
  const gloox::JID seen(text);
  ROSTRUM_INVARIANT(static_cast<bool>(seen));
  ROSTRUM_INVARIANT(seen.bare() == text && seen.resource().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto parsed = Jid::parse(text);
  const auto prepared = Jid::prepare(text);
  if (parsed) ROSTRUM_INVARIANT(parsed.value().text() == text && prepared.ok());
  if (prepared) hold(prepared.value());
  if (!parsed) ROSTRUM_INVARIANT(!describe(parsed.error()).empty());

  const auto bare = bare_of(text);
  if (bare) hold(bare.value());
  if (prepared) ROSTRUM_INVARIANT(bare.value() == prepared.value());
  const auto domain = prepare_domain(text);
  if (domain) ROSTRUM_INVARIANT(prepare_domain(domain.value()).value() == domain.value());

  ROSTRUM_INVARIANT(unescape_localpart(escape_localpart(text)) == text);
  ROSTRUM_INVARIANT(escape_localpart(text).size() <= 3 * size);
  ROSTRUM_INVARIANT(unescape_localpart(text).size() <= size);
  return 0;
}
