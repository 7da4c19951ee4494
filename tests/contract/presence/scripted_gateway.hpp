// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/bus/observation_publisher.hpp"
#include "rostrum/v1/presence.pb.h"

namespace rostrum::presence {

/// What a gateway tells, as bytes. "anna/phone" is anna@site.test/phone.
struct Say {
  static std::string began();
  static std::string ended();
  static std::string lost(const std::string& reason);
  static std::string available(std::string_view name, v1::Show show = v1::SHOW_ONLINE,
                               const std::string& status = "");
  static std::string unavailable(std::string_view name);
};

/// A gateway as far as the observation link goes: claims, renews, numbers what it is given to tell, keeps it
/// until it is stored, and says it again, under the same numbers, in the next conversation.
class ScriptedGateway {
 public:
  ScriptedGateway(bus::Reactor& reactor, Random& random, bus::ConnectSettings settings,
                  std::string domain = "site.test");

  /// To be told in its turn.
  void tell(std::string observation);
  /// A whole view, with these there.
  void sees(const std::vector<std::string>& names);
  void claim();
  void release();
  /// Says nothing more by itself.
  void falls_silent() { renewal_.stop(); }

  [[nodiscard]] bool owns() const { return epoch_ > 0; }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] bool all_is_stored() const { return owns() && untold_.empty() && unstored_.empty(); }
  [[nodiscard]] std::uint64_t stored() const { return first_unstored_ - 1; }
  [[nodiscard]] bool connected() const { return publisher_.connected(); }
  [[nodiscard]] std::size_t room() { return publisher_.room(); }

  std::size_t at_once = 100;  ///< observations in a frame, at most
  std::vector<bus::LeaseAnswerFrame> refusals;
  std::vector<bus::ObservationsStoredFrame> answers;

 private:
  void heard(const bus::LeaseAnswerFrame& answer);
  void heard(const bus::ObservationsStoredFrame& answer);
  void confirm(std::uint64_t last_sequence);
  void renew();
  void go_on();

  const std::string domain_;
  const std::string token_;
  bus::ObservationPublisher publisher_;
  bus::Timer renewal_;
  std::uint64_t claims_ = 0;
  std::uint64_t epoch_ = 0;
  std::deque<std::string> untold_;
  std::deque<std::string> unstored_;
  std::uint64_t first_unstored_ = 1;
  bool may_tell_ = false;   // this conversation's first answer has said from where
  std::uint64_t said_ = 0;  // in this conversation: all up to this number
};

}  // namespace rostrum::presence
