// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/bus/observation_intake.hpp"
#include "common/bus/observation_publisher.hpp"
#include "tests/contract/bus/bus_fixture.hpp"

namespace rostrum::bus::test {

/// What the presence service keeps in its database, as far as the link can tell: whose a domain is, and how
/// far its owner has come. A lease ends here only when it is given back.
class LeaseTable {
 public:
  LeaseAnswerFrame claim(const std::string& name, const LeaseClaimFrame& claim) {
    auto& lease = leases_[claim.domain];
    if (lease.token.empty()) lease = {lease.epoch + 1, claim.token, name, 0};
    const bool granted = lease.token == claim.token;
    return {claim.domain,
            claim.number,
            granted,
            lease.epoch,
            granted ? lease.last : 0,
            10'000,
            granted ? "" : lease.owner};
  }
  ObservationsStoredFrame store(const ObservationsFrame& frame) {
    using Status = ObservationsStoredFrame::Status;
    auto& lease = leases_[frame.domain];
    if (frame.epoch != lease.epoch || lease.token.empty())
      return {frame.domain, frame.epoch, Status::kStale, lease.last};
    if (frame.first_sequence > lease.last + 1) return {frame.domain, frame.epoch, Status::kGap, lease.last};
    for (std::size_t i = 0; i < frame.observations.size(); ++i) {
      if (frame.first_sequence + i <= lease.last) continue;  // a repeat
      stored.push_back(frame.observations[i]);
      ++lease.last;
    }
    return {frame.domain, frame.epoch, Status::kStored, lease.last};
  }
  void release(const LeaseReleaseFrame& release) {
    auto& lease = leases_[release.domain];
    if (lease.epoch == release.epoch) lease.token.clear();
  }

  std::vector<std::string> stored;  ///< in the order of their commits

 private:
  struct Lease {
    std::uint64_t epoch = 0;
    std::string token;
    std::string owner;
    std::uint64_t last = 0;
  };
  std::map<std::string, Lease> leases_;
};

/// A presence service: an intake over a table that takes everything at once, or is busy for a while.
class Presence {
 public:
  Presence(Reactor& reactor, Random& random, const Authenticator& authenticator, BindSettings settings,
           LeaseTable& table)
      : table_(table),
        intake_(reactor, random, authenticator, std::move(settings),
                {.on_gathered =
                     [this] {
                       if (!busy_) serve();
                     },
                 .on_link = [this](const LinkEvent& event) { links.push_back(event); }}) {}

  /// Transaction after transaction, each of one batch and all that overtakes it.
  void serve() {
    for (auto work = intake_.take(1, 1); !work.empty(); work = intake_.take(1, 1)) {
      for (const auto& claim : work.claims) intake_.answer(claim.peer, table_.claim(claim.name, claim.frame));
      for (const auto& batch : work.batches)
        intake_.conclude(batch.peer, table_.store(batch.frame), batch.frame.observations.size());
      for (const auto& release : work.releases) table_.release(release.frame);
    }
  }
  void becomes_busy() { busy_ = true; }
  void is_free_again() {
    busy_ = false;
    serve();
  }
  ObservationIntake* operator->() { return &intake_; }

  std::vector<LinkEvent> links;

 private:
  LeaseTable& table_;
  bool busy_ = false;
  ObservationIntake intake_;
};

/// A gateway: claims the domain as soon as it can, numbers what it sees, and keeps it until it is stored.
class Watcher {
 public:
  Watcher(Reactor& reactor, Random& random, ConnectSettings settings, char token = 't')
      : token_(16, token),
        publisher_(reactor, random, std::move(settings),
                   {.on_begun =
                        [this] {
                          owns = false;
                          claims();
                        },
                    .on_ended = [this] { owns = false; },
                    .on_lease = [this](const LeaseAnswerFrame& answer) { hear(answer); },
                    .on_stored = [this](const ObservationsStoredFrame& stored) { hear(stored); },
                    .on_room =
                        [this] {
                          ++rooms;
                          flush();
                        },
                    .on_link = [this](const LinkEvent& event) { links.push_back(event); }}) {}

  bool claims() { return publisher_.claim({kDomain, token_, ++claims_}); }
  bool releases() { return publisher_.release({kDomain, epoch}); }
  void sees(std::size_t count) {
    for (; count > 0; --count) {
      said.push_back("observation " + std::to_string(said.size() + 1));
      unstored_.push_back(said.back());
    }
    flush();
  }
  void flush() {
    while (owns && unsent() > 0 && publisher_.room() > 0) {
      const auto count = std::min(publisher_.room(), unsent());
      const auto from = unstored_.begin() + static_cast<std::ptrdiff_t>(next_ - last_ - 1);
      publisher_.send({kDomain, epoch, next_, {from, from + static_cast<std::ptrdiff_t>(count)}});
      next_ += count;
    }
  }
  [[nodiscard]] std::size_t unstored() const { return unstored_.size(); }
  [[nodiscard]] std::size_t unsent() const { return unstored_.size() - (next_ - last_ - 1); }
  [[nodiscard]] bool told(LinkEvent::Kind kind) const {
    return std::any_of(links.begin(), links.end(), [&](const auto& event) { return event.kind == kind; });
  }
  ObservationPublisher* operator->() { return &publisher_; }

  static constexpr const char* kDomain = "example.org";
  bool owns = false;
  std::uint64_t epoch = 0;
  int rooms = 0;
  std::vector<std::string> said;
  std::vector<std::string> heard;  ///< "lease" or "stored", as they came
  std::vector<LeaseAnswerFrame> answers;
  std::vector<LinkEvent> links;

 private:
  void hear(const LeaseAnswerFrame& answer) {
    heard.emplace_back("lease");
    answers.push_back(answer);
    const bool begins = answer.granted && !owns;
    owns = answer.granted;
    epoch = answer.epoch;
    if (!begins) return;
    forget_up_to(answer.last_sequence);
    next_ = last_ + 1;
    flush();
  }
  void hear(const ObservationsStoredFrame& stored) {
    heard.emplace_back("stored");
    EXPECT_EQ(stored.status, ObservationsStoredFrame::Status::kStored);
    forget_up_to(stored.last_sequence);
  }
  void forget_up_to(std::uint64_t stored) {
    for (; last_ < stored; ++last_) unstored_.pop_front();
  }

  std::string token_;
  std::uint64_t claims_ = 0;
  std::uint64_t last_ = 0;  ///< that is stored
  std::uint64_t next_ = 1;  ///< to be sent
  std::deque<std::string> unstored_;
  ObservationPublisher publisher_;
};

}  // namespace rostrum::bus::test
