// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/stanza_check.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/text.hpp"

namespace rostrum::gateway {
namespace {

using Fault = std::optional<StanzaFault>;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
}

/// One pass over an element, always moving forward.
class Reader {
 public:
  Reader(std::string_view xml, const StanzaLimits& limits) : rest_(xml), limits_(limits) {}

  Fault element_tree() {
    do {
      if (rest_.empty()) return StanzaFault::kMalformed;
      if (Fault fault = rest_.front() == '<' ? markup() : text()) return fault;
    } while (!open_.empty());
    return rest_.empty() ? Fault{} : StanzaFault::kMalformed;
  }

 private:
  Fault markup() {
    if (rest_.starts_with("<![CDATA[")) return character_data_section();
    if (rest_.starts_with("<!") || rest_.starts_with("<?")) return StanzaFault::kForbiddenMarkup;
    return rest_.starts_with("</") ? closing_tag() : opening_tag();
  }

  Fault character_data_section() {
    const auto end = rest_.find("]]>");
    if (open_.empty() || end == std::string_view::npos) return StanzaFault::kMalformed;
    rest_.remove_prefix(end + 3);
    return {};
  }

  Fault text() {
    if (open_.empty()) return StanzaFault::kMalformed;
    while (!rest_.empty() && rest_.front() != '<') {
      if (Fault fault = character()) return fault;
    }
    return {};
  }

  /// One character or one reference (XML 1.0 §4.1).
  Fault character() {
    if (rest_.front() != '&') {
      rest_.remove_prefix(1);
      return {};
    }
    constexpr std::size_t kLongestReference = 9;  // gloox takes no longer one
    const auto end = rest_.substr(0, kLongestReference + 1).find(';');
    if (end == std::string_view::npos) return StanzaFault::kBadReference;
    const auto reference = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (reference == "lt" || reference == "gt" || reference == "amp" || reference == "quot" ||
        reference == "apos")
      return {};
    return is_character_reference(reference) ? Fault{} : StanzaFault::kBadReference;
  }

  static bool is_character_reference(std::string_view reference) {
    if (!reference.starts_with('#')) return false;
    reference.remove_prefix(1);
    const int base = reference.starts_with('x') ? 16 : 10;
    if (base == 16) reference.remove_prefix(1);
    std::uint32_t value = 0;
    const auto* end = reference.data() + reference.size();
    const auto [stop, error] = std::from_chars(reference.data(), end, value, base);
    if (error != std::errc{} || stop != end) return false;
    const bool is_control = value < 0x20 && value != 0x9 && value != 0xA && value != 0xD;
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    return !is_control && !is_surrogate && value <= 0xFFFD;
  }

  Fault closing_tag() {
    rest_.remove_prefix(2);
    const auto closed = name();
    if (open_.empty() || closed != open_.back() || !rest_.starts_with('>')) return StanzaFault::kMalformed;
    rest_.remove_prefix(1);
    open_.pop_back();
    return {};
  }

  Fault opening_tag() {
    rest_.remove_prefix(1);
    const auto opened = name();
    if (opened.empty()) return StanzaFault::kMalformed;
    if (!open_.empty() && opened.starts_with("stream:")) return StanzaFault::kStreamPrefix;
    if (opened == "stream" || opened.ends_with(":stream"))
      return StanzaFault::kStreamPrefix;  // gloox could take it for a header
    if (++elements_ > limits_.elements) return StanzaFault::kTooManyElements;
    open_.push_back(opened);
    if (open_.size() > limits_.depth) return StanzaFault::kTooDeep;
    if (Fault fault = attributes()) return fault;
    if (rest_.starts_with("/>")) {
      rest_.remove_prefix(2);
      open_.pop_back();
      return {};
    }
    if (!rest_.starts_with('>')) return StanzaFault::kMalformed;
    rest_.remove_prefix(1);
    return {};
  }

  Fault attributes() {
    for (std::size_t count = 0;; ++count) {
      const bool separated = skip_space();
      if (rest_.empty()) return StanzaFault::kMalformed;
      if (rest_.front() == '/' || rest_.front() == '>') return {};
      if (!separated) return StanzaFault::kMalformed;
      if (count == limits_.attributes) return StanzaFault::kTooManyAttributes;
      if (Fault fault = attribute()) return fault;
    }
  }

  Fault attribute() {
    const auto attribute_name = name();
    skip_space();
    if (attribute_name.empty() || !rest_.starts_with('=')) return StanzaFault::kMalformed;
    rest_.remove_prefix(1);
    skip_space();
    if (!rest_.starts_with('"') && !rest_.starts_with('\'')) return StanzaFault::kMalformed;
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != quote) {
      // gloox ends a value in single quotes at a double one.
      if (rest_.front() == '<' || rest_.front() == '"') return StanzaFault::kMalformed;
      if (Fault fault = character()) return fault;
    }
    if (rest_.empty()) return StanzaFault::kMalformed;
    rest_.remove_prefix(1);
    return {};
  }

  /// A name, or nothing if there is none here or it is not one of ours.
  std::string_view name() {
    std::size_t length = 0;
    while (length < rest_.size() && is_name_character(rest_[length])) ++length;
    const auto found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    const auto colon = found.find(':');
    const bool one_colon_inside =
        colon == std::string_view::npos ||
        (colon == found.rfind(':') && colon + 1 < found.size() && is_letter(found[colon + 1]));
    return !found.empty() && is_letter(found.front()) && one_colon_inside ? found : std::string_view{};
  }

  bool skip_space() {
    const auto before = rest_.size();
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() != before;
  }

  std::string_view rest_;
  const StanzaLimits& limits_;
  std::size_t elements_ = 0;
  std::vector<std::string_view> open_;
};

}  // namespace

std::optional<StanzaFault> check_stanza(std::string_view xml, const StanzaLimits& limits) {
  if (xml.size() > limits.bytes) return StanzaFault::kTooLarge;
  if (check_text(xml, {.max_bytes = limits.bytes})) return StanzaFault::kForbiddenCharacter;
  return Reader(xml, limits).element_tree();
}

}  // namespace rostrum::gateway
