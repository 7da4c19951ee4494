// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/gateway/sightings_in_words.hpp"

namespace rostrum::test {
namespace {

using namespace gateway;

std::string word(Show show) {
  switch (show) {
    case Show::kOnline:
      return "online";
    case Show::kChat:
      return "chat";
    case Show::kAway:
      return "away";
    case Show::kXa:
      return "xa";
    case Show::kDnd:
      return "dnd";
  }
  return "?";
}

struct Words {
  MonoTime now;
  std::string operator()(const ViewBegan&) const { return "view began"; }
  std::string operator()(const ViewWhole&) const { return "view whole"; }
  std::string operator()(const ViewLost& lost) const { return "view lost: " + lost.reason; }
  std::string operator()(const Came& came) const {
    auto text = came.name.text() + " came " + word(came.state.show);
    if (came.since != kUnknownMoment) {
      const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - came.since);
      text += " " + std::to_string(age.count()) + "s ago";
    }
    return text + (came.copy ? " (copy)" : "");
  }
  std::string operator()(const Went& went) const {
    return went.name.text() + (went.how == Departure::kLeft ? " left" : " was dropped");
  }
  std::string operator()(const Vanished& vanished) const { return vanished.localpart + " vanished"; }
  std::string operator()(const Superseded& superseded) const { return "superseded: " + superseded.reason; }
  std::string operator()(const Unfit& unfit) const { return "unfit: " + unfit.why; }
  std::string operator()(const Distrusted& distrusted) const { return std::string(label(distrusted.reason)); }
};

}  // namespace

std::string in_words(const Sightings& seen, MonoTime now) {
  std::string text;
  for (const auto& one : seen) text += std::visit(Words{now}, one) + "; ";
  return text;
}

}  // namespace rostrum::test
