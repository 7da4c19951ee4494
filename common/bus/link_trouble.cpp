// SPDX-License-Identifier: Apache-2.0
#include "common/bus/link_trouble.hpp"

#include "common/base/result.hpp"

namespace rostrum::bus {

std::string_view label(LinkTrouble trouble) {
  switch (trouble) {
    case LinkTrouble::kNone:
      return "lost";
    case LinkTrouble::kUnresolved:
      return "unresolved";
    case LinkTrouble::kUnreachable:
      return "unreachable";
    case LinkTrouble::kServerKey:
      return "server_key";
    case LinkTrouble::kSilentHandshake:
      return "silent_handshake";
    case LinkTrouble::kUnknownKey:
      return "unknown_key";
    case LinkTrouble::kTooManyPeers:
      return "too_many_peers";
    case LinkTrouble::kNotAuthorized:
      return "not_authorized";
    case LinkTrouble::kUnsupported:
      return "unsupported";
    case LinkTrouble::kFrameRefused:
      return "frame_refused";
  }
  fail_invariant("a LinkTrouble without a label", __FILE__, __LINE__);
}

std::string_view remedy(LinkTrouble trouble) {
  switch (trouble) {
    case LinkTrouble::kNone:
      return "nothing: it is tried again";
    case LinkTrouble::kUnresolved:
      return "see to it that the name has an address; it is looked up again by itself";
    case LinkTrouble::kUnreachable:
      return "is it running, is this its address, does the network let us through?";
    case LinkTrouble::kServerKey:
      return "if it goes on: give us the public key that the service there has now; or see whether strangers "
             "crowd its port";
    case LinkTrouble::kSilentHandshake:
      return "look at the log of the service there: it does not trust its folder of authorized keys; or it "
             "is no service of ours";
    case LinkTrouble::kUnknownKey:
      return "have our public key granted there (rostrum key grant); no restart is needed";
    case LinkTrouble::kTooManyPeers:
      return "it holds as many peers as it may: run one more of it, or find out who opens so many";
    case LinkTrouble::kNotAuthorized:
      return "have the right granted to our key there (rostrum key grant); no restart is needed";
    case LinkTrouble::kUnsupported:
      return "is this the port of the right service, and of a version that speaks with ours?";
    case LinkTrouble::kFrameRefused:
      return "report it: one of the two sides breaks a rule";
  }
  fail_invariant("a LinkTrouble without a remedy", __FILE__, __LINE__);
}

bool needs_somebody(LinkTrouble trouble) {
  return trouble != LinkTrouble::kNone && trouble != LinkTrouble::kUnreachable;
}

}  // namespace rostrum::bus
