// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include <gloox/stanzaextension.h>
#include <gloox/tag.h>

namespace rostrum::gateway {

/// Any element as the content of an outgoing stanza, for what gloox has no class of its own.
class Payload final : public gloox::StanzaExtension {
 public:
  explicit Payload(std::unique_ptr<gloox::Tag> content);
  Payload(const std::string& name, const std::string& xmlns);

  const std::string& filterString() const override;  // matches nothing: never used for what comes in
  gloox::StanzaExtension* newInstance(const gloox::Tag*) const override { return nullptr; }
  gloox::Tag* tag() const override { return content_->clone(); }
  gloox::StanzaExtension* clone() const override;

 private:
  std::unique_ptr<gloox::Tag> content_;
};

}  // namespace rostrum::gateway
