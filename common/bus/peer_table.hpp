// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/bus/authorized_keys.hpp"
#include "common/bus/credit_window.hpp"
#include "common/bus/frames.hpp"
#include "common/bus/link.hpp"

namespace rostrum::bus {

/// One message as it came in from a peer.
struct IncomingMessage {
  std::string route;  ///< the connection, as ROUTER calls it
  std::string key;    ///< the key the connection proved to hold, in Z85; empty: none
  std::size_t parts;  ///< without the route
  std::string bytes;  ///< of the first part
};

struct OutgoingFrame {
  std::string route;
  Frame frame;
};

/// What there is to do after a step of a binding side's core.
struct PeerEffects {
  std::vector<OutgoingFrame> send;
  std::vector<LinkEvent> tell;
  std::vector<PeerToken> ended;  ///< conversations that are over
  std::vector<std::string> cut;  ///< routes whose connection is to end, after what is sent to them here
};

/// The binding side of a link up to the meaning of events, commands and observations: who is there, by which
/// key, with how much credit. Pure: messages and moments in, frames out.
class PeerTable {
 public:
  /// A conversation: begins with Hello, ends with the connection or the next Hello.
  struct Peer {
    PeerToken token;
    std::string route;
    std::string key;
    std::string name;
    CreditWindow window;
  };
  /// Work that may be done: within credit, from a key that is in force.
  struct Work {
    PeerToken token;
    const AuthorizedKey& sender;
    std::string name;
    Frame frame;
  };

  /// `instance`: 16 random bytes of this process.
  PeerTable(LinkKind link, LinkLimits limits, std::string instance);

  /// Answers what belongs to the link itself; hands on a frame of work. A key that is not in force (any more)
  /// is turned away with all it sends: a Refusal, and no answer to what is in the frame, so that its holder
  /// keeps it until the key is in force again, or somebody decides otherwise.
  [[nodiscard]] std::optional<Work> receive(const IncomingMessage& message, const AuthorizedKeys& keys,
                                            PeerEffects& effects);
  /// So much of a conversation's work has its answer: sends it, and more credit where it is needed.
  void answer(PeerToken token, Frame answers, const Load& answered, PeerEffects& effects);
  /// Answered without a word of its own: a refusal has gone out, or there is nobody to tell.
  void write_off(PeerToken token, const Load& answered, PeerEffects& effects);
  void refuse(PeerToken token, RefusalCode code, std::string text, PeerEffects& effects);
  /// The connection is gone or takes nothing more.
  void drop(const std::string& route, PeerEffects& effects);
  /// Credit to everybody, as a sign of life; each kSignOfLife. Who holds a key that is not in force any more
  /// is turned away.
  void greet_all(const AuthorizedKeys& keys, PeerEffects& effects);
  /// Told to everybody at once. While closed, what has been granted is not to be used; what comes all the
  /// same was on its way, or its sender does not know `paused`, and is taken.
  void set_open(bool open, PeerEffects& effects);
  /// So much may be unanswered of all peers together from now on, never more than the limits say. What was
  /// granted stays.
  void set_budget(const Load& budget, PeerEffects& effects);

  /// What may be granted to all peers together: nothing while closed.
  [[nodiscard]] Load budget() const { return open_ ? budget_ : Load{}; }
  /// What all peers together may still send: nothing while closed.
  [[nodiscard]] Load granted() const;
  [[nodiscard]] std::size_t size() const { return by_route_.size(); }
  [[nodiscard]] bool has(PeerToken token) const { return routes_.contains(token.value); }

 private:
  void hello(const IncomingMessage& message, const HelloFrame& hello, const AuthorizedKey& sender,
             PeerEffects& effects);
  std::optional<Work> work(Peer& peer, Frame frame, const AuthorizedKey& sender, PeerEffects& effects);
  void turn_away(const std::string& route, PeerEffects& effects);
  void greet(PeerEffects& effects);
  Peer* find(PeerToken token);
  Load share() const;
  Load largest_item() const;
  void grant(Peer& peer) const;
  void grant_if_low(Peer& peer, PeerEffects& effects) const;
  static void refuse_route(const std::string& route, const std::string& name, RefusalCode code,
                           std::string text, PeerEffects& effects, std::string_view rule = {});

  LinkKind link_;
  LinkLimits limits_;
  std::string instance_;
  Load budget_;
  bool open_ = true;
  std::uint64_t last_token_ = 0;
  std::map<std::string, Peer> by_route_;
  std::map<std::uint64_t, std::string> routes_;  ///< token → route
};

}  // namespace rostrum::bus
