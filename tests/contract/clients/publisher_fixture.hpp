// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "rostrum/publisher.hpp"
#include "tests/contract/clients/stub_intake.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr seconds kPatience(10);  // only ever waited for when something is wrong

/// Keys on disk as a site has them, and two stub intakes that let the site in.
class PublisherTest : public ::testing::Test {
 protected:
  PublisherTest();

  [[nodiscard]] StubIntake::Settings intake_settings() const;
  void start_registration(StubIntake::Settings settings) {
    registration_ = std::make_unique<StubIntake>(ledger_, std::move(settings));
  }
  void start_registration() { start_registration(intake_settings()); }
  void start_notification();

  /// Whether registration gets so many events, waited for.
  [[nodiscard]] bool has_seen(std::size_t count) const;
  /// Settings of a publisher that reaches what has been started.
  [[nodiscard]] PublisherSettings settings() const;
  [[nodiscard]] std::string file(const std::string& name) const { return directory_.path_of(name); }

  test::TemporaryFolder directory_;
  bus::KeyPair sealing_ = bus::make_key_pair();
  StubLedger ledger_;
  std::unique_ptr<StubIntake> registration_;
  std::unique_ptr<StubIntake> notification_;
};

/// The status of a ticket's outcome, waited for; fails the test when there is none.
[[nodiscard]] Outcome outcome_of(const Ticket& ticket);

inline Event group(const std::string& id) {
  return group_upserted(id, "Group " + id);
}

}  // namespace rostrum
