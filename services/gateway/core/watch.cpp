// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/watch.hpp"

#include <algorithm>

namespace rostrum::gateway {
namespace {

constexpr Milliseconds kAnswerDeadline{30'000};
constexpr Milliseconds kAskAgain{1'000};    // after a watch that went wrong or ended
constexpr Milliseconds kLookAgain{30'000};  // operators mend servers without telling us

std::string unfit_because(const WatchRefusal& refusal) {
  if (refusal.condition == "service-unavailable" || refusal.condition == "feature-not-implemented")
    return "the Jabber server has no presence watch: is mod_rostrum loaded, and of this version? (or set "
           "presence_source = \"roster\")";
  if (refusal.condition == "forbidden") return "site_jid is not mod_rostrum's rostrum_site: " + refusal.text;
  return "the Jabber server refuses the presence watch: " + refusal.condition + " " + refusal.text;
}

}  // namespace

Watch::Step Watch::online(MonoTime now) {
  Step step;
  ask(step, now);
  return step;
}

Watch::Step Watch::offline() {
  rest(MonoTime::max());
  state_ = State::kAway;
  return {{ViewLost{"stream-lost"}}};
}

Watch::Step Watch::granted(const std::string& watch, MonoTime now) {
  if (state_ != State::kAsked) return {};
  if (watch.empty()) return refused({"undefined-condition", "an answer without a name"}, now);
  state_ = State::kTold;
  name_ = watch;
  next_number_ = 1;
  due_ = MonoTime::max();
  return {{ViewBegan{}}};
}

Watch::Step Watch::refused(const WatchRefusal& refusal, MonoTime now) {
  if (state_ != State::kAsked) return {};
  rest(now + kLookAgain);
  if (refusal.condition == "conflict") return {{Superseded{"conflict"}}};
  return {{Unfit{unfit_because(refusal)}}};
}

Watch::Step Watch::told(const WatchMessage& message, MonoTime now) {
  Step step;
  if (state_ != State::kTold) return step;
  if (message.watch != name_) {
    step.seen.emplace_back(Distrusted{Distrust::kWrongWatch});
    start_over(step, "wrong-watch", now);
    return step;
  }
  if (message.kind == WatchMessage::Kind::kEnded) {
    ended(step, message.reason, now);
    return step;
  }
  if (message.number != std::to_string(next_number_)) {
    step.seen.emplace_back(Distrusted{Distrust::kGap});
    start_over(step, "watch-gap", now);
    return step;
  }
  ++next_number_;
  for (const auto& item : message.items) read(step, item, now);
  if (message.kind == WatchMessage::Kind::kSnapshotEnd) step.seen.emplace_back(ViewWhole{});
  return step;
}

Watch::Step Watch::tick(MonoTime now) {
  Step step;
  if (now >= due_) ask(step, now);
  return step;
}

void Watch::ask(Step& step, MonoTime now) {
  state_ = State::kAsked;
  asked_ = now;
  due_ = now + kAnswerDeadline;
  step.ask = true;
}

void Watch::rest(MonoTime until) {
  state_ = State::kResting;
  due_ = until;
}

/// At once, but not in a circle.
void Watch::start_over(Step& step, const std::string& reason, MonoTime now) {
  step.seen.emplace_back(ViewLost{reason});
  if (now >= asked_ + kAskAgain) return ask(step, now);
  rest(asked_ + kAskAgain);
}

void Watch::ended(Step& step, std::string_view reason, MonoTime now) {
  if (reason == "superseded") {
    rest(MonoTime::max());
    step.seen.emplace_back(Superseded{"superseded"});
    return;
  }
  step.seen.emplace_back(ViewLost{"watch-ended"});
  rest(now + kAskAgain);
}

void Watch::read(Step& step, const WatchMessage::Item& item, MonoTime now) const {
  const auto name = addresses_.read(item.jid);
  if (item.kind == WatchMessage::Item::Kind::kOther) {
    step.seen.emplace_back(Distrusted{Distrust::kMalformed});
  } else if (!name) {
    step.seen.emplace_back(Distrusted{name.error()});
  } else if (item.kind == WatchMessage::Item::Kind::kUnavailable) {
    const bool left = item.ending == "left";
    if (!left && item.ending != "dropped") step.seen.emplace_back(Distrusted{Distrust::kEnding});
    step.seen.emplace_back(Went{name.value(), left ? Departure::kLeft : Departure::kDropped});
  } else {
    Distrusts distrusts;
    auto state = read_state({item.show, item.priority, item.status}, distrusts);
    const auto moment = since(item, distrusts, now);
    for (const auto distrust : distrusts) step.seen.emplace_back(Distrusted{distrust});
    step.seen.emplace_back(Came{name.value(), std::move(state), moment});
  }
}

/// Left out: just now.
MonoTime Watch::since(const WatchMessage::Item& item, Distrusts& distrusts, MonoTime now) {
  if (item.age.empty()) return now;
  const auto age = read_age(item.age);
  if (age) return now - *age;
  distrusts.push_back(Distrust::kAge);
  return kUnknownMoment;
}

}  // namespace rostrum::gateway
