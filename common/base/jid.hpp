// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace rostrum {

/// Why a text is no JID of ours.
enum class JidError {
  kEmpty,
  kTooLong,  ///< a part above 1,023 bytes (RFC 6122 §2.1)
  kNotUtf8,
  kForbiddenCharacter,  ///< stringprep refuses it, or it needs XEP-0106 escaping
  kNoLocalpart,
  kHasResource,    ///< `user@domain/resource` where a bare JID is wanted
  kEmptyResource,  ///< `user@domain/`, which no server stamps
  kInvalidDomain,  ///< not a host name of ASCII letters, digits, hyphens and dots, or an address literal
  kNotPrepared,    ///< preparation would change it: upper case, soft hyphens, compatibility characters …
};

/// For people: what is wrong.
[[nodiscard]] std::string_view describe(JidError error);

/// A bare JID `localpart@domain`, prepared (RFC 6122: nodeprep, nameprep) as Prosody and gloox do it; it
/// cannot exist in another form.
///
/// Narrower than the servers on purpose. The localpart has only characters that Unicode 3.2 knows (servers
/// differ on the others, RFC 3454 §7) and neither begins nor ends with an escaped space (XEP-0106 §3). The
/// domain is a host name as DNS has it: an internationalised one is written in its ASCII form (`xn--…`).
class Jid {
 public:
  /// Takes only what is prepared already: what is asked for is what will exist.
  [[nodiscard]] static Result<Jid, JidError> parse(std::string_view text);
  /// Prepares first: for what people type and what servers send. A resource is an error here, see bare_of().
  [[nodiscard]] static Result<Jid, JidError> prepare(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string_view localpart() const { return std::string_view(text_).substr(0, at_); }
  [[nodiscard]] std::string_view domain() const { return std::string_view(text_).substr(at_ + 1); }
  auto operator<=>(const Jid& other) const { return text_ <=> other.text_; }
  bool operator==(const Jid& other) const { return text_ == other.text_; }

 private:
  Jid(std::string text, std::size_t at) : text_(std::move(text)), at_(at) {}
  std::string text_;
  std::size_t at_;
};

/// The bare part of any address a server may stamp (`user@domain/resource`, `user@domain`), prepared;
/// resources are cut off unlooked at.
[[nodiscard]] Result<Jid, JidError> bare_of(std::string_view address);

/// A domain name alone, prepared.
[[nodiscard]] Result<std::string, JidError> prepare_domain(std::string_view domain);

/// XEP-0106: a site's login name as a localpart (space " & ' / : < > @ become \20 …; a \ becomes \5c where it
/// would otherwise read as an escape), and back. The result still has to pass Jid.
[[nodiscard]] std::string escape_localpart(std::string_view login);
[[nodiscard]] std::string unescape_localpart(std::string_view localpart);

}  // namespace rostrum

template <>
struct std::hash<rostrum::Jid> {
  std::size_t operator()(const rostrum::Jid& jid) const noexcept {
    return std::hash<std::string>{}(jid.text());
  }
};
