// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/door_protocol.hpp"

#include <gloox/gloox.h>

#include "common/base/text.hpp"
#include "services/gateway/adapters/stanza_error.hpp"

namespace rostrum::gateway {
namespace {

const char* element_name(DoorRequest::Action action) {
  switch (action) {
    case DoorRequest::Action::kCreate:
      return "create";
    case DoorRequest::Action::kSetPassword:
      return "set-password";
    case DoorRequest::Action::kRemove:
      return "remove";
  }
  fail_invariant("a DoorRequest::Action without an element", __FILE__, __LINE__);
}

std::string attribute(const DoorDescription& door, const std::string& name) {
  const auto found = door.find(name);
  return found == door.end() ? std::string() : found->second;
}

}  // namespace

std::unique_ptr<gloox::Tag> door_element(const DoorRequest& request) {
  auto element = std::make_unique<gloox::Tag>(element_name(request.action), gloox::XMLNS, kDoorNamespace);
  element->addAttribute("username", std::string(request.account.localpart()));
  element->addAttribute("claim", request.claim);
  if (request.action != DoorRequest::Action::kRemove)
    new gloox::Tag(element.get(), "password", std::string(request.password.reveal()));
  return element;
}

DoorReply read_reply(const gloox::Tag& iq) {
  if (iq.findAttribute("type") == "error") {
    auto error = read_stanza_error(iq);
    return {false, std::move(error.type), std::move(error.condition), std::move(error.text)};
  }
  const auto* account = iq.findChild("account", "xmlns", kDoorNamespace);
  if (account == nullptr)
    return {false, "cancel", "undefined-condition", "the door answered without an <account/>"};
  return {true, {}, printable(account->findAttribute("outcome"), 64), {}};
}

DoorDescription read_description(const gloox::Tag& iq) {
  DoorDescription description;
  const auto* element = iq.findChild("describe", "xmlns", kDoorNamespace);
  if (element == nullptr || iq.findAttribute("type") != "result") return description;
  for (const auto* one : element->attributes())
    description.emplace(one->name(), printable(one->value(), 256));
  return description;
}

std::string unfit_because(const DoorDescription& door, const Jid& site, const Jid& control) {
  if (door.empty())
    return "the Jabber server has no account door; is mod_rostrum loaded, and is " + control.text() +
           " its rostrum_control?";
  if (attribute(door, "version") != "1")
    return "the door speaks version " + attribute(door, "version") + ", we speak 1";
  if (attribute(door, "site") != site.text())
    return "the door's site is " + attribute(door, "site") + ", ours is " + site.text();
  if (attribute(door, "control") != control.text())
    return "the door's control account is " + attribute(door, "control") + ", ours is " + control.text();
  if (attribute(door, "in-band-registration") != "closed") return "in-band registration is not closed";
  return {};
}

}  // namespace rostrum::gateway
