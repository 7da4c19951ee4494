// SPDX-License-Identifier: Apache-2.0
#include "common/bus/envelope.hpp"

#include "common/base/text.hpp"
#include "common/bus/parse.hpp"
#include "rostrum/v1/event.pb.h"

namespace rostrum::bus {

namespace {

/// An id that is wrong is still given back, within reason, so that its sender knows which event was meant.
constexpr std::size_t kMaxEchoedIdBytes = 64;

std::string echoed(const std::string& id) {
  return id.size() <= kMaxEchoedIdBytes ? id : std::string();
}

EnvelopeFault unparsed(std::string_view bytes, EnvelopeRejection code, std::string text) {
  v1::EventHead head;
  return {parse_strictly(bytes, head) ? echoed(head.id()) : std::string(), code, std::move(text)};
}

std::string_view payload_name(const v1::Event& event) {
  static const auto* payload = v1::Event::descriptor()->FindOneofByName("payload");
  const auto* field = event.GetReflection()->GetOneofFieldDescriptor(event, payload);
  return field == nullptr ? std::string_view() : std::string_view(field->name());
}

std::string quoted(std::string_view text) {
  return "'" + printable(text, 64) + "'";
}

class Checker {
 public:
  Checker(const v1::Event& event, const AuthorizedKey& sender, const EnvelopeRules& rules, WallTime now)
      : event_(event), sender_(sender), rules_(rules), now_(now), type_(payload_name(event)) {}

  Result<Envelope, EnvelopeFault> check() const {
    const auto id = EventId::from_bytes(event_.id());
    if (!id)
      return fault(EnvelopeRejection::kInvalidId,
                   "id must be a UUIDv7: 16 bytes in network order (RFC 9562 §5.7)");
    if (id->time() > now_ + kMaxAhead)
      return fault(
          EnvelopeRejection::kIdOutsideHorizon,
          "the id's time is in the future; set the publisher's clock right and publish again with a new id");
    if (id->time() < now_ - rules_.limits.horizon)
      return fault(EnvelopeRejection::kIdOutsideHorizon,
                   "the id is older than the horizon, a repeat could no longer be told; look whether it "
                   "still matters and publish again with a new id");
    if (!event_.source().empty() && event_.source() != sender_.name)
      return fault(EnvelopeRejection::kForeignSource,
                   "source " + quoted(event_.source()) + " is not the name of your key, " +
                       quoted(sender_.name) + "; leave it empty or say that");
    if (auto wrong = check_type()) return std::move(*wrong);
    return Envelope{*id, type_};
  }

 private:
  std::optional<EnvelopeFault> check_type() const {
    if (type_.empty())
      return fault(EnvelopeRejection::kUnknownType,
                   "no payload, or one this version does not know; upgrade the intake before its publishers");
    if (!rules_.served_types.contains(type_))
      return fault(EnvelopeRejection::kUnknownType,
                   quoted(type_) + " is not taken by this intake; docs/protocol.md says where it goes");
    if (!sender_.may_send(type_))
      return fault(EnvelopeRejection::kNotAuthorized, "key " + quoted(sender_.name) +
                                                          " may not send this; if it should: add '" +
                                                          std::string(type_) + "' to its allow line");
    // A field without a name here would be accepted without being heeded: what we do not know, we say.
    if (has_unknown_fields(event_))
      return fault(EnvelopeRejection::kMalformed,
                   "has a field this version does not know; upgrade the intake before its publishers");
    return std::nullopt;
  }
  EnvelopeFault fault(EnvelopeRejection code, std::string text) const {
    return {echoed(event_.id()), code, std::move(text), type_};
  }

  const v1::Event& event_;
  const AuthorizedKey& sender_;
  const EnvelopeRules& rules_;
  WallTime now_;
  std::string_view type_;
};

}  // namespace

Result<Envelope, EnvelopeFault> check_envelope(std::string_view bytes, const AuthorizedKey& sender,
                                               const EnvelopeRules& rules, WallTime now) {
  if (bytes.size() > rules.limits.max_event_bytes)
    return unparsed(bytes, EnvelopeRejection::kTooLarge,
                    std::to_string(bytes.size()) + " bytes; at most " +
                        std::to_string(rules.limits.max_event_bytes) + " are taken");
  v1::Event event;
  if (!parse_strictly(bytes, event))
    return unparsed(bytes, EnvelopeRejection::kMalformed,
                    "not a rostrum.v1.Event (or a text in it is not UTF-8)");
  return Checker(event, sender, rules, now).check();
}

}  // namespace rostrum::bus
