// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/presence/scripted_gateway.hpp"

#include <algorithm>
#include <utility>

#include "common/base/uuid.hpp"

namespace rostrum::presence {

namespace {

constexpr Milliseconds kRenewEvery{300};

template <class Resource>
void name(Resource& resource, std::string_view name) {
  const auto slash = name.find('/');
  resource.set_jid(std::string(name.substr(0, slash)) + "@site.test");
  resource.set_resource(std::string(name.substr(slash + 1)));
}

}  // namespace

std::string Say::began() {
  v1::Observation told;
  told.mutable_snapshot_began();
  return told.SerializeAsString();
}
std::string Say::ended() {
  v1::Observation told;
  told.mutable_snapshot_ended();
  return told.SerializeAsString();
}
std::string Say::lost(const std::string& reason) {
  v1::Observation told;
  told.mutable_view_lost()->set_reason(reason);
  return told.SerializeAsString();
}
std::string Say::available(std::string_view who, v1::Show show, const std::string& status) {
  v1::Observation told;
  told.set_age_ms(1);
  name(*told.mutable_available(), who);
  told.mutable_available()->set_show(show);
  told.mutable_available()->set_status(status);
  return told.SerializeAsString();
}
std::string Say::unavailable(std::string_view who) {
  v1::Observation told;
  told.set_age_ms(1);
  name(*told.mutable_unavailable(), who);
  told.mutable_unavailable()->set_ending(v1::ENDING_LEFT);
  return told.SerializeAsString();
}

ScriptedGateway::ScriptedGateway(bus::Reactor& reactor, Random& random, bus::ConnectSettings settings,
                                 std::string domain)
    : domain_(std::move(domain)),
      token_(Uuid::make_v4(random).to_bytes()),
      publisher_(reactor, random, std::move(settings),
                 {.on_begun =
                      [this] {
                        may_tell_ = false;
                        renew();
                      },
                  .on_ended = [] {},
                  .on_lease = [this](const bus::LeaseAnswerFrame& answer) { heard(answer); },
                  .on_stored = [this](const bus::ObservationsStoredFrame& answer) { heard(answer); },
                  .on_room = [this] { go_on(); }}),
      renewal_(reactor) {}

void ScriptedGateway::tell(std::string observation) {
  untold_.push_back(std::move(observation));
  go_on();
}

void ScriptedGateway::sees(const std::vector<std::string>& names) {
  tell(Say::began());
  for (const auto& one : names) tell(Say::available(one));
  tell(Say::ended());
}

void ScriptedGateway::claim() {
  publisher_.claim({domain_, token_, ++claims_});
}

void ScriptedGateway::renew() {
  claim();
  renewal_.start(kRenewEvery, [this] { renew(); });
}

void ScriptedGateway::release() {
  falls_silent();
  publisher_.release({domain_, epoch_});
}

/// The first answer of a conversation says from where to go on; a renewal says nothing new.
void ScriptedGateway::heard(const bus::LeaseAnswerFrame& answer) {
  if (!answer.granted) {
    refusals.push_back(answer);
    epoch_ = 0;
    return;
  }
  if (answer.epoch != epoch_) {
    epoch_ = answer.epoch;
    first_unstored_ = 1;
    untold_.insert(untold_.begin(), unstored_.begin(), unstored_.end());
    unstored_.clear();
    may_tell_ = false;
  }
  confirm(answer.last_sequence);
  if (!std::exchange(may_tell_, true)) said_ = answer.last_sequence;
  go_on();
}

void ScriptedGateway::heard(const bus::ObservationsStoredFrame& answer) {
  answers.push_back(answer);
  if (answer.epoch != epoch_) return;
  if (answer.status == bus::ObservationsStoredFrame::Status::kStale) {
    epoch_ = 0;
    return;
  }
  confirm(answer.last_sequence);
  if (answer.status == bus::ObservationsStoredFrame::Status::kGap) said_ = answer.last_sequence;
  go_on();
}

void ScriptedGateway::confirm(std::uint64_t last_sequence) {
  while (!unstored_.empty() && first_unstored_ <= last_sequence) {
    unstored_.pop_front();
    ++first_unstored_;
  }
  said_ = std::max(said_, last_sequence);
}

void ScriptedGateway::go_on() {
  while (owns() && may_tell_ && publisher_.room() > 0) {
    while (!untold_.empty() && unstored_.size() < said_ - stored() + at_once) {
      unstored_.push_back(std::move(untold_.front()));
      untold_.pop_front();
    }
    const auto skipped = static_cast<std::size_t>(said_ - stored());
    const auto count = std::min({unstored_.size() - skipped, publisher_.room(), at_once});
    if (count == 0) return;
    const auto first = unstored_.begin() + static_cast<std::ptrdiff_t>(skipped);
    publisher_.send({domain_, epoch_, said_ + 1, {first, first + static_cast<std::ptrdiff_t>(count)}});
    said_ += count;
  }
}

}  // namespace rostrum::presence
