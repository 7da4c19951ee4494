// SPDX-License-Identifier: GPL-3.0-or-later
// rostrum-bench-publish KEYS REGISTRATION NOTIFICATION DOMAIN: publishes what it is told on standard input.
//   intake KIND RUN COUNT   as fast as the intake gives credit: events per second from the first to the last
//   answer lone KIND RUN COUNT     one after the other, each answered before the next member RUN COUNT
//   PASSWORD   as intake, with a password to log in with; `began` for whoever watches the accounts come
//   announce COUNT TEXT     so many announcements to all; `began` is before the first
#include <atomic>
#include <iostream>
#include <stdexcept>

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

  Answer intake(const Words& words) { return publish(order(words, "password of a benchmark")); }
  Answer members(const Words& words) {
    return publish(order({"member", words.at(0), words.at(1)}, words.at(2)));
  }
  Answer lone(const Words& words);
  Answer announce(const Words& words);

 private:
  [[nodiscard]] Order order(const Words& words, const std::string& password) const;
  void count(const Outcome& outcome);
  Answer publish(const Order& order);
  void wait_for_credit();

  const bus::PublicKey sealing_key_;
  const std::string domain_;
  std::atomic<std::size_t> accepted_ = 0;
  Publisher publisher_;  // last: its thread counts above
};

void Site::count(const Outcome& outcome) {
  if (outcome.status == Outcome::Status::kAccepted) {
    ++accepted_;
  } else {
    std::cerr << describe(outcome) << '\n';
  }
}

Order Site::order(const Words& words, const std::string& password) const {
  return {kind_of(words.at(0)), words.at(1), std::stoul(words.at(2)), domain_,
          bus::seal(password, sealing_key_)};
}

void Site::wait_for_credit() {
  if (!publisher_.wait_for_credit(kDeadline)) throw std::runtime_error("the intake gives no credit");
}

Answer Site::publish(const Order& order) {
  std::vector<Event> events;
  for (const auto& statement : statements(order))
    events.push_back(Event::unpack(pack(statement, order.kind)));
  wait_for_credit();
  accepted_ = 0;
  const auto began = now();
  for (auto& event : events) {
    wait_for_credit();
    (void)publisher_.publish(std::move(event));
  }
  if (!publisher_.flush(kDeadline) || accepted_ != order.count)
    throw std::runtime_error("not all events were accepted");
  const auto took = now() - began;
  return {{"began", began.count()},
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
               {"announce", [&](const Words& words) { return site.announce(words); }}});
}
