// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/clients/publisher_fixture.hpp"

#include <filesystem>
#include <thread>

namespace rostrum {

namespace {

const std::vector<std::string> kRegistrationTypes{"member_upserted", "member_removed", "password_changed",
                                                  "group_upserted", "group_removed"};

void write_keys(const test::TemporaryFolder& directory, const std::string& name, const bus::KeyPair& pair) {
  const auto error = bus::write_key_pair(directory.path_of("keys/" + name), pair);
  if (error) throw std::runtime_error(error->text);
}

}  // namespace

PublisherTest::PublisherTest() {
  std::filesystem::create_directories(file("keys"));
  std::filesystem::create_directories(file("authorized_keys"));
  const auto site = bus::make_key_pair();
  write_keys(directory_, "site", site);
  write_keys(directory_, "stranger", bus::make_key_pair());
  write_keys(directory_, "registration", bus::make_key_pair());
  write_keys(directory_, "notification", bus::make_key_pair());
  write_keys(directory_, "sealing", sealing_);
  directory_.write(
      "authorized_keys/site",
      "key " + site.public_key.z85() +
          "\nallow member_upserted member_removed password_changed group_upserted notice_published\n");
}

StubIntake::Settings PublisherTest::intake_settings() const {
  return {.authorized_keys = file("authorized_keys"),
          .own = bus::read_secret_key(file("keys/registration.secret")).value().duplicate(),
          .served_types = kRegistrationTypes};
}

void PublisherTest::start_notification() {
  auto settings = intake_settings();
  settings.own = bus::read_secret_key(file("keys/notification.secret")).value().duplicate();
  settings.served_types = {"notice_published"};
  notification_ = std::make_unique<StubIntake>(ledger_, std::move(settings));
}

bool PublisherTest::has_seen(std::size_t count) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (registration_->seen() < count) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

PublisherSettings PublisherTest::settings() const {
  PublisherSettings settings{.source_key_file = file("keys/site.secret")};
  if (registration_) settings.registration = {{registration_->endpoint()}, file("keys/registration.public")};
  if (notification_) settings.notification = {{notification_->endpoint()}, file("keys/notification.public")};
  settings.sealing_key_file = file("keys/sealing.public");
  return settings;
}

Outcome outcome_of(const Ticket& ticket) {
  const auto outcome = ticket.wait_for(kPatience);
  EXPECT_TRUE(outcome) << "no outcome of " << ticket.event_id();
  return outcome.value_or(Outcome{Outcome::Status::kClosed, ticket.event_id()});
}

}  // namespace rostrum
