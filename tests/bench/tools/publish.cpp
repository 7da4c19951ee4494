// SPDX-License-Identifier: GPL-3.0-or-later
// rostrum-bench-publish KEYS REGISTRATION NOTIFICATION DOMAIN: publishes what it is told on standard input.
//   intake KIND RUN COUNT [FLIGHT]   as fast as the intake gives credit, or with so many on their way: events
//   per
//       second from the first to the last answer; `began` and `ended` for whoever adds up several publishers
//   lone KIND RUN COUNT              one after the other, each answered before the next
//   paced KIND RUN COUNT RATE        so many a second, whatever becomes of those before: times from the
//   moment at
//       which each was due to its answer
//   members RUN COUNT PASSWORD       as intake, with a password to log in with
//   announce COUNT TEXT              so many announcements to all
#include <atomic>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include "common/bus/keys.hpp"
#include "rostrum/publisher.hpp"
#include "tests/bench/tools/obey.hpp"
#include "tests/bench/tools/workload.hpp"

namespace {

using namespace rostrum;
using namespace rostrum::bench;
constexpr std::chrono::seconds kDeadline{60};

class Site {
 public:
  Site(const std::string& keys, const std::string& registration, const std::string& notification,
       std::string domain)
      : sealing_key_(bus::read_public_key(keys + "/sealing.public").value()),
        domain_(std::move(domain)),
        publisher_(
            {.source_key_file = keys + "/site.secret",
             .registration = {{registration}, keys + "/registration.public"},
             .notification = {notification == "-" ? std::vector<std::string>{} : std::vector{notification},
                              keys + "/notification.public"},
             .on_outcome = [this](const Outcome& outcome) { count(outcome); }}) {}

  Answer intake(const Words& words) {
    const auto in_flight = words.size() > 3 ? std::stoul(words[3]) : std::numeric_limits<std::size_t>::max();
    return publish(order(words, "password of a benchmark"), in_flight);
  }
  Answer members(const Words& words) {
    return publish(order({"member", words.at(0), words.at(1)}, words.at(2)),
                   std::numeric_limits<std::size_t>::max());
  }
  Answer lone(const Words& words);
  Answer paced(const Words& words);
  Answer announce(const Words& words);

 private:
  [[nodiscard]] Order order(const Words& words, const std::string& password) const;
  void count(const Outcome& outcome);
  Answer publish(const Order& order, std::size_t in_flight);
  void wait_for_credit();
  void take(Event event);

  const bus::PublicKey sealing_key_;
  const std::string domain_;
  std::atomic<std::size_t> accepted_ = 0;
  std::atomic<std::size_t> answered_ = 0;
  std::unordered_map<std::string, Seconds> due_;  ///< by event id; of paced()
  std::vector<Seconds> delays_;                   ///< likewise, written by the publisher's thread
  Publisher publisher_;                           // last: its thread counts above
};

void Site::count(const Outcome& outcome) {
  if (outcome.status == Outcome::Status::kAccepted) {
    ++accepted_;
  } else {
    std::cerr << describe(outcome) << '\n';
  }
  if (const auto due = due_.find(outcome.event_id); due != due_.end()) delays_.push_back(now() - due->second);
  ++answered_;
  answered_.notify_one();
}

Order Site::order(const Words& words, const std::string& password) const {
  return {kind_of(words.at(0)), words.at(1), std::stoul(words.at(2)), domain_,
          bus::seal(password, sealing_key_)};
}

void Site::wait_for_credit() {
  if (!publisher_.wait_for_credit(kDeadline)) throw std::runtime_error("the intake gives no credit");
}

/// Until it is taken.
void Site::take(Event event) {
  const auto bytes = publisher_.pack(std::move(event));
  for (;;) {
    const auto said = publisher_.publish(Event::unpack(bytes)).outcome();
    if (!said || said->status != Outcome::Status::kNotNow) return;
    wait_for_credit();
  }
}

Answer Site::publish(const Order& order, std::size_t in_flight) {
  std::vector<Event> events;
  for (const auto& statement : statements(order))
    events.push_back(Event::unpack(pack(statement, order.kind)));
  wait_for_credit();
  accepted_ = 0;
  answered_ = 0;
  const auto began = now();
  std::size_t published = 0;
  for (auto& event : events) {
    for (auto answered = answered_.load(); published - answered >= in_flight; answered = answered_.load())
      answered_.wait(answered);
    wait_for_credit();
    (void)publisher_.publish(std::move(event));
    ++published;
  }
  if (!publisher_.flush(kDeadline) || accepted_ != order.count)
    throw std::runtime_error("not all events were accepted");
  const auto ended = now();
  const auto took = ended - began;
  return {{"began", began.count()},
          {"ended", ended.count()},
          {"seconds", took.count()},
          {"per_second", static_cast<double>(order.count) / took.count()}};
}

Answer Site::lone(const Words& words) {
  const auto wanted = order(words, "password of a benchmark");
  std::vector<Seconds> durations;
  wait_for_credit();
  for (const auto& statement : statements(wanted)) {
    auto event = Event::unpack(pack(statement, wanted.kind));
    const auto began = now();
    const auto outcome = publisher_.publish(std::move(event)).wait_for(kDeadline);
    durations.push_back(now() - began);
    if (!outcome || outcome->status != Outcome::Status::kAccepted)
      throw std::runtime_error("an event was not accepted");
  }
  return percentiles(std::move(durations));
}

// Open loop: an event that has to wait for the ones before it, or for credit, is late from the moment it was
// due.
Answer Site::paced(const Words& words) {
  const auto wanted = order(words, "password of a benchmark");
  const Seconds interval(1 / std::stod(words.at(3)));
  const auto all = statements(wanted);
  std::vector<Event> events;
  events.reserve(all.size());
  for (const auto& statement : all) events.push_back(Event::unpack(pack(statement, wanted.kind)));
  wait_for_credit();
  accepted_ = 0;
  delays_.clear();
  delays_.reserve(all.size());
  const auto began = now() + Seconds(0.01);
  for (std::size_t i = 0; i < all.size(); ++i)
    due_[all[i].id.to_string()] = began + static_cast<double>(i) * interval;
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::this_thread::sleep_for(due_[all[i].id.to_string()] - now());
    take(std::move(events[i]));
  }
  if (!publisher_.flush(kDeadline) || accepted_ != wanted.count)
    throw std::runtime_error("not all events were accepted");
  due_.clear();
  auto answer = percentiles(std::move(delays_));
  answer.emplace_back("per_second", static_cast<double>(all.size()) / (now() - began).count());
  return answer;
}

Answer Site::announce(const Words& words) {
  const auto count = std::stoul(words.at(0));
  wait_for_credit();
  accepted_ = 0;
  const auto began = now();
  for (std::size_t i = 0; i < count; ++i)
    (void)publisher_.publish(announcement(to_all(), {.text = words.at(1) + "-" + std::to_string(i)}));
  if (!publisher_.flush(kDeadline) || accepted_ != count)
    throw std::runtime_error("not all announcements were accepted");
  return {{"began", began.count()}, {"seconds", (now() - began).count()}};
}

}  // namespace

int main(int, char** argv) {
  Site site(argv[1], argv[2], argv[3], argv[4]);
  return obey({{"intake", [&](const Words& words) { return site.intake(words); }},
               {"members", [&](const Words& words) { return site.members(words); }},
               {"lone", [&](const Words& words) { return site.lone(words); }},
               {"paced", [&](const Words& words) { return site.paced(words); }},
               {"announce", [&](const Words& words) { return site.announce(words); }}});
}
