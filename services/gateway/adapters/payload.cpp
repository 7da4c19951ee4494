// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/payload.hpp"

#include <gloox/gloox.h>

namespace rostrum::gateway {

Payload::Payload(std::unique_ptr<gloox::Tag> content)
    : StanzaExtension(gloox::ExtUser + 1), content_(std::move(content)) {
  m_valid = true;
}

Payload::Payload(const std::string& name, const std::string& xmlns)
    : Payload(std::make_unique<gloox::Tag>(name, gloox::XMLNS, xmlns)) {}

const std::string& Payload::filterString() const {
  static const std::string kNothing;
  return kNothing;
}

gloox::StanzaExtension* Payload::clone() const {
  return new Payload(std::unique_ptr<gloox::Tag>(content_->clone()));
}

}  // namespace rostrum::gateway
