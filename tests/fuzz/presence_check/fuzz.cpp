// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever a Jabber server passes on of a member's presence: what is believed is a resource of our domain and
// a state that a stanza can carry; what is not is named.
//
// The input is five lines: full JID, show, priority, age, and all the rest as status.
#include <algorithm>

#include "services/gateway/core/presence_check.hpp"
#include "tests/fuzz/support/input.hpp"

namespace {

using namespace rostrum;
using namespace rostrum::gateway;

void read_address(std::string_view full_jid) {
  static const PresenceAddresses addresses("example.test", {Jid::parse("site@example.test").value()});
  const auto name = addresses.read(full_jid);
  if (!name) {
    ROSTRUM_INVARIANT(!label(name.error()).empty());
    return;
  }
  const auto& resource = name.value();
  ROSTRUM_INVARIANT(resource.localpart() != "site");
  ROSTRUM_INVARIANT(std::string(resource.localpart()) + "@example.test/" + std::string(resource.resource()) ==
                    full_jid);
  ROSTRUM_INVARIANT(bare_of(full_jid).value().localpart() == resource.localpart());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto told = fuzz::parts_of(fuzz::text_of(data, size), '\n', 5);
  read_address(told[0]);

  Distrusts distrusts;
  const auto state = read_state({.show = told[1], .priority = told[2], .status = told[4]}, distrusts);
  const auto distrusted = [&](Distrust reason) {
    return std::find(distrusts.begin(), distrusts.end(), reason) != distrusts.end();
  };
  ROSTRUM_INVARIANT(!check_text(state.status, {.max_bytes = 1'024}));
  ROSTRUM_INVARIANT(distrusted(Distrust::kStatus) ? state.status.empty()
                                                  : told[4].substr(0, state.status.size()) == state.status);
  ROSTRUM_INVARIANT(!distrusted(Distrust::kShow) || state.show == Show::kOnline);
  ROSTRUM_INVARIANT(!distrusted(Distrust::kPriority) || state.priority == 0);
  ROSTRUM_INVARIANT(distrusts.size() <= 3);

  const auto age = read_age(told[3]);
  ROSTRUM_INVARIANT(!age || (*age >= Milliseconds(0) && *age < std::chrono::hours(24 * 366 * 35)));
  return 0;
}
