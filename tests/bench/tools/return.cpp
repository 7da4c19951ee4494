// SPDX-License-Identifier: GPL-3.0-or-later
// rostrum-bench-return KEYS REGISTRATION COUNT RUN: so many publishers, each with a connection of its own,
// that stay connected. They are all there when it begins to obey.
//   serve RUN    one event from each, as soon as it has credit: `ended` when the last one is accepted, and
//   how long
//                each took from now on
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "common/bus/event_publisher.hpp"
#include "tests/bench/tools/obey.hpp"
#include "tests/bench/tools/workload.hpp"

namespace {

using namespace rostrum;
using namespace rostrum::bench;
constexpr std::chrono::seconds kDeadline{120};

/// All of it but serve() belongs to the reactor's thread.
class Crowd {
 public:
  Crowd(const std::string& keys, const std::string& endpoint, std::size_t count) : peers_(count) {
    for (auto& peer : peers_) {
      bus::ConnectSettings settings{.endpoints = {endpoint},
                                    .own = bus::read_secret_key(keys + "/site.secret").value(),
                                    .server = bus::read_public_key(keys + "/registration.public").value()};
      peer.publisher = std::make_unique<bus::EventPublisher>(
          reactor_, random_, std::move(settings),
          bus::EventPublisher::Handlers{
              .on_outcome = [this](const bus::EventOutcome& outcome) { answered(outcome); },
              .on_credit = [&peer] { offer(peer); }});
    }
    thread_ = std::thread([this] { reactor_.run(); });
  }
  ~Crowd() {
    reactor_.stop();
    thread_.join();
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  Answer serve(const Words& words) {
    const auto all = statements({Kind::kGroup, words.at(0), peers_.size()});
    std::promise<void> served;
    auto end = served.get_future();
    reactor_.post([&] {
      served_ = &served;
      durations_.clear();
      began_ = now();
      for (std::size_t i = 0; i < peers_.size(); ++i) {
        peers_[i].event = bus::OutgoingEvent{all[i].id, pack(all[i], Kind::kGroup)};
        offer(peers_[i]);
      }
    });
    if (end.wait_for(kDeadline) != std::future_status::ready)
      throw std::runtime_error("not all publishers were served");
    const auto ended = now();
    auto answer = percentiles(std::move(durations_));
    answer.emplace_back("ended", ended.count());
    return answer;
  }

 private:
  struct Peer {
    std::unique_ptr<bus::EventPublisher> publisher;
    std::optional<bus::OutgoingEvent> event;  ///< not taken yet
  };

  static void offer(Peer& peer) {
    if (!peer.event || peer.publisher->credit() == 0) return;
    if (peer.publisher->offer(std::move(*peer.event)) == bus::Offer::kTaken) peer.event.reset();
  }
  void answered(const bus::EventOutcome& outcome) {
    if (outcome.status == bus::EventOutcome::Status::kRejected) return;  // serve() does not end then
    durations_.push_back(now() - began_);
    if (durations_.size() == peers_.size()) served_->set_value();
  }

  SystemClock clock_;
  SystemRandom random_;
  bus::Reactor reactor_{clock_};
  std::vector<Peer> peers_;
  std::vector<Seconds> durations_;
  std::promise<void>* served_ = nullptr;
  Seconds began_{};
  std::thread thread_;
};

}  // namespace

int main(int, char** argv) {
  Crowd crowd(argv[1], argv[2], std::stoul(argv[3]));
  crowd.serve({std::string(argv[4]) + "-first"});
  return obey({{"serve", [&](const Words& words) { return crowd.serve(words); }}});
}
