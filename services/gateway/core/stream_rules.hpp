// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/jid.hpp"

namespace rostrum::gateway {

/// How far a stream has come.
enum class StreamPhase {
  kPlain,          ///< before TLS: all that is said here was said by anybody
  kSecured,        ///< TLS stands, the server proved its name
  kAuthenticated,  ///< SASL succeeded, the server proved that it knows us
  kOnline,         ///< bound; stanzas flow
};

/// What the rules look at of one top-level element.
struct Incoming {
  struct Child {
    std::string_view name;
    std::string_view xmlns;
  };
  std::string_view name;
  std::string_view xmlns;  ///< as declared on the element itself or by its prefix; empty: the stream's
                           ///< default, `jabber:client`
  std::string_view type;
  std::string_view id;
  std::string_view from;
  std::vector<Child> children;
};

/// What the rules say of an element.
enum class Judgement {
  kBelieve,
  kOutOfPlace,        ///< not in this phase of the stream
  kForgedAnswer,      ///< iq result or error that we did not ask for, or not of this sender
  kForgedRosterPush,  ///< RFC 6121 §2.1.6
  kForgedCarbon,      ///< XEP-0280 §11; we enable none
  kPresence,          ///< this session takes none
  kNoSender,          ///< a message without a `from` that is an address
};

/// Which element may be believed in which state, and from whom. gloox believes anybody: roster pushes,
/// carbons, and answers by their id alone.
class StreamRules {
 public:
  explicit StreamRules(Jid own, bool takes_presence = false)
      : own_(std::move(own)), takes_presence_(takes_presence) {}

  /// A new phase begins; what was expected in the one before is not any more.
  void enter(StreamPhase phase);
  [[nodiscard]] StreamPhase phase() const { return phase_; }

  /// Our own request with this id left for this address, which alone may answer.
  void expect(std::string id, std::string from);
  /// Nobody waits for it any more.
  void forget(const std::string& id, const std::string& from);

  /// Judges the next element in the order of the stream; an answer is believed once.
  [[nodiscard]] Judgement judge(const Incoming& element);

 private:
  [[nodiscard]] Judgement judge_negotiation(const Incoming& element);
  [[nodiscard]] Judgement judge_stanza(const Incoming& element);
  [[nodiscard]] Judgement judge_iq(const Incoming& iq);
  [[nodiscard]] Judgement judge_message(const Incoming& message) const;
  [[nodiscard]] bool from_own_server(std::string_view from) const;

  Jid own_;
  bool takes_presence_;
  StreamPhase phase_ = StreamPhase::kPlain;
  bool challenged_ = false;
  std::set<std::pair<std::string, std::string>> expected_;
};

/// For metrics: `forged-answer`, …
[[nodiscard]] std::string_view label(Judgement judgement);

}  // namespace rostrum::gateway
