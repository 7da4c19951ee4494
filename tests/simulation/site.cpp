// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/site.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::simulation {

std::size_t Outbox::unanswered() const {
  return static_cast<std::size_t>(
      std::count_if(sayings_.begin(), sayings_.end(), [](const auto& one) { return !one.answer; }));
}

SiteProcess::SiteProcess(World& world, Network& network, std::string name, const bus::PublicKey& own,
                         std::vector<std::string> intakes, Outbox& outbox,
                         std::function<void(const Outbox::Saying&)> on_outcome)
    : world_(world),
      name_(std::move(name)),
      outbox_(outbox),
      on_outcome_(std::move(on_outcome)),
      side_(world, network, name_, own, bus::LinkKind::kEvent, std::move(intakes),
            {.on_begun =
                 [this](const bus::WelcomeFrame& welcome) {
                   last_sent_ = 0;
                   tell(core_.welcomed(welcome));
                   offer_some();
                   flush();
                 },
             .on_ended = [this] { core_.lost(); },
             .on_frame = [this](bus::Frame frame) { receive(std::move(frame)); }}) {
  offer_again_later();
}

/// In no order of its own: what a site says travels on several threads.
void SiteProcess::offer_some() {
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < outbox_.sayings().size(); ++place) {
    const auto& saying = outbox_.sayings()[place];
    if (!saying.answer && !taken_.contains(saying.id)) places.push_back(place);
  }
  while (!places.empty()) {
    const auto index = world_.random().below(places.size());
    const auto place = places[index];
    places.erase(places.begin() + static_cast<std::ptrdiff_t>(index));
    const auto& saying = outbox_.sayings()[place];
    if (taken_.contains(saying.id)) continue;  // one after the other
    const auto offer = core_.offer({saying.id, saying.bytes});
    if (offer == bus::Offer::kNotNow) {
      world_.count("offers not taken now");
      break;
    }
    promise(offer == bus::Offer::kTaken, "an event of ordinary size is taken");
    taken_.emplace(saying.id, Taken{place, ++last_taken_});
    flush_soon();
  }
}

void SiteProcess::offer_again_later() {
  world_.after(world_.between(50, 400), life_.guard([this] {
    offer_some();
    offer_again_later();
  }));
}

void SiteProcess::receive(bus::Frame frame) {
  if (const auto* credit = std::get_if<bus::CreditFrame>(&frame)) core_.credited(*credit);
  if (auto* outcomes = std::get_if<bus::OutcomesFrame>(&frame)) tell(core_.concluded(std::move(*outcomes)));
  flush();
}

void SiteProcess::tell(const std::vector<bus::EventOutcome>& outcomes) {
  for (const auto& outcome : outcomes) {
    const auto taken = taken_.extract(outcome.id);
    promise(!taken.empty(), "one outcome for each event, but ", name_, " hears again of ",
            outcome.id.to_string());
    auto& saying = outbox_.sayings()[taken.mapped().place];
    saying.answer = outcome.status;
    if (outcome.status == bus::EventOutcome::Status::kDuplicate) world_.count("duplicates");
    if (outcome.status == bus::EventOutcome::Status::kRejected) world_.count("rejections");
    world_.say(name_, " hears of ", outcome.id.to_string(), ": ",
               outcome.status == bus::EventOutcome::Status::kAccepted    ? "accepted"
               : outcome.status == bus::EventOutcome::Status::kDuplicate ? "duplicate"
                                                                         : "rejected: " + outcome.text);
    on_outcome_(saying);
  }
}

void SiteProcess::flush() {
  while (auto batch = core_.next_batch()) {
    for (const auto& bytes : batch->events) {
      const auto sent = std::find_if(taken_.begin(), taken_.end(), [&](const auto& one) {
        return outbox_.sayings()[one.second.place].bytes == bytes;
      });
      promise(sent != taken_.end(), "nothing is sent that was not taken, by ", name_);
      auto& taken = sent->second;
      promise(taken.number > last_sent_, "a link is first-in-first-out, but not that of ", name_);
      last_sent_ = taken.number;
      if (std::exchange(taken.ever_sent, true)) world_.count("events sent again");
    }
    side_.send(*batch);
  }
}

void SiteProcess::flush_soon() {
  if (std::exchange(flushing_, true)) return;
  world_.after(Milliseconds(0), life_.guard([this] {
    flushing_ = false;
    flush();
  }));
}

}  // namespace rostrum::simulation
