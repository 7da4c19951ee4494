// SPDX-License-Identifier: GPL-3.0-or-later
// rostrum-bench-observe KEYS PRESENCE DOMAIN MEMBERS: a gateway that owns the domain and tells of a crowd
// that it makes up. It claims the lease and takes the first snapshot before it obeys.
//   change COUNT   so many changes, as fast as the presence service gives credit: changes per second from the
//                  first that is sent to the last that is stored
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include "common/bus/observation_publisher.hpp"
#include "rostrum/v1/presence.pb.h"
#include "tests/bench/tools/crowd.hpp"
#include "tests/bench/tools/obey.hpp"

namespace {

using namespace rostrum;
using namespace rostrum::bench;
constexpr std::chrono::seconds kDeadline{120};
constexpr Milliseconds kRenewal{1'000};
constexpr v1::Show kShows[] = {v1::SHOW_ONLINE, v1::SHOW_CHAT, v1::SHOW_AWAY, v1::SHOW_XA, v1::SHOW_DND};

std::string available(const Presence& presence) {
  v1::Observation observation;
  auto& told = *observation.mutable_available();
  told.set_jid(presence.jid);
  told.set_resource(presence.resource);
  told.set_show(kShows[presence.show]);
  told.set_priority(presence.priority);
  told.set_status(presence.status);
  return observation.SerializeAsString();
}

std::string snapshot_began() {
  v1::Observation observation;
  observation.mutable_snapshot_began();
  return observation.SerializeAsString();
}

std::string snapshot_ended() {
  v1::Observation observation;
  observation.mutable_snapshot_ended();
  return observation.SerializeAsString();
}

bus::ConnectSettings settings(const std::string& keys, const std::string& endpoint) {
  return {.endpoints = {endpoint},
          .own = bus::read_secret_key(keys + "/gateway.secret").value(),
          .server = bus::read_public_key(keys + "/presence.public").value()};
}

/// All of it but tell() belongs to the reactor's thread.
class Owner {
 public:
  Owner(const std::string& keys, const std::string& endpoint, std::string domain)
      : domain_(std::move(domain)),
        publisher_(reactor_, random_, settings(keys, endpoint),
                   {.on_begun = [this] { claim(); },
                    .on_ended = [this] { fail("the link was lost"); },
                    .on_lease = [this](const auto& answer) { take(answer); },
                    .on_stored = [this](const auto& stored) { take(stored); },
                    .on_room = [this] { send(); }}),
        thread_([this] { reactor_.run(); }) {}
  ~Owner() {
    reactor_.stop();
    thread_.join();
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;

  /// Returns when all of it is stored.
  void tell(std::vector<std::string> observations) {
    std::promise<void> stored;
    auto end = stored.get_future();
    reactor_.post([&] {
      work_ = Work{std::move(observations), 0, std::move(stored)};
      send();
    });
    if (end.wait_for(kDeadline) != std::future_status::ready)
      throw std::runtime_error("the presence service does not answer");
    end.get();
  }

 private:
  struct Work {
    std::vector<std::string> observations;
    std::size_t sent;
    std::promise<void> stored;
  };

  void claim() {
    if (!publisher_.claim({domain_, token_, ++claims_})) fail("a claim could not be sent");
    renewal_.start(kRenewal, [this] { claim(); });
  }
  void take(const bus::LeaseAnswerFrame& answer) {
    if (!answer.granted || (epoch_ != 0 && answer.epoch != epoch_)) return fail("another owns the domain");
    epoch_ = answer.epoch;
    send();
  }
  void take(const bus::ObservationsStoredFrame& stored) {
    if (stored.status != bus::ObservationsStoredFrame::Status::kStored) return fail("a frame was refused");
    if (!work_ || stored.last_sequence != sequence_ || work_->sent != work_->observations.size()) return;
    work_->stored.set_value();
    work_.reset();
  }
  void send() {
    while (work_ && epoch_ != 0 && work_->sent < work_->observations.size() && publisher_.room() > 0) {
      bus::ObservationsFrame frame{domain_, epoch_, sequence_ + 1, {}};
      std::size_t bytes = 0;
      const auto room = publisher_.room();
      while (frame.observations.size() < room && work_->sent < work_->observations.size()) {
        auto& next = work_->observations[work_->sent];
        if (bytes += next.size(); bytes > publisher_.frame_bytes()) break;
        frame.observations.push_back(std::move(next));
        ++work_->sent;
      }
      sequence_ += frame.observations.size();
      publisher_.send(frame);
    }
  }
  void fail(const char* text) {
    if (work_) work_->stored.set_exception(std::make_exception_ptr(std::runtime_error(text)));
    work_.reset();
  }

  const std::string domain_;
  const std::string token_ = std::string(16, 'b');
  SystemClock clock_;
  SystemRandom random_;
  bus::Reactor reactor_{clock_};
  bus::Timer renewal_{reactor_};
  std::uint64_t claims_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t sequence_ = 0;  ///< of the last that was sent
  std::optional<Work> work_;
  bus::ObservationPublisher publisher_;
  std::thread thread_;
};

class Crowd {
 public:
  Crowd(Owner& owner, std::string domain, std::size_t members)
      : owner_(owner), domain_(std::move(domain)), members_(members) {
    auto observations = next(members_);
    observations.insert(observations.begin(), snapshot_began());
    observations.push_back(snapshot_ended());
    owner_.tell(std::move(observations));
  }

  Answer change(const Words& words) {
    const auto count = std::stoul(words.at(0));
    auto observations = next(count);
    const auto began = now();
    owner_.tell(std::move(observations));
    const auto took = now() - began;
    return {{"seconds", took.count()}, {"per_second", static_cast<double>(count) / took.count()}};
  }

 private:
  std::vector<std::string> next(std::size_t count) {
    std::vector<std::string> observations;
    observations.reserve(count + 2);
    for (std::size_t i = 0; i < count; ++i)
      observations.push_back(available(presence_of(domain_, members_, change_++)));
    return observations;
  }

  Owner& owner_;
  const std::string domain_;
  const std::size_t members_;
  std::size_t change_ = 0;
};

}  // namespace

int main(int, char** argv) {
  Owner owner(argv[1], argv[2], argv[3]);
  Crowd crowd(owner, argv[3], std::stoul(argv[4]));
  return obey({{"change", [&](const Words& words) { return crowd.change(words); }}});
}
