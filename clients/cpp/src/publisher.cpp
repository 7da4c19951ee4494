// SPDX-License-Identifier: Apache-2.0
#include "rostrum/publisher.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <utility>

#include <pthread.h>
#include <signal.h>  // pthread_sigmask

#include "clients/cpp/src/event_link.hpp"
#include "clients/cpp/src/event_state.hpp"
#include "common/bus/keys.hpp"

namespace rostrum {

namespace {

bus::PublicKey read_key(const char* setting, const std::string& path) {
  auto key = bus::read_public_key(path);
  if (!key) throw std::invalid_argument(std::string(setting) + ": " + key.error().text);
  return key.value();
}

bus::KeyPair read_own_key(const std::string& path) {
  auto pair = bus::read_secret_key(path);
  if (!pair) throw std::invalid_argument("source_key_file: " + pair.error().text);
  return std::move(pair).value();
}

/// Signals are the site's: its own threads get them.
template <class Body>
std::thread start_without_signals(Body body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

class Publisher::State {
 public:
  explicit State(PublisherSettings settings);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Ticket publish(Event::State& event);
  std::string pack(Event::State& event);
  [[nodiscard]] std::vector<EventLink*> links() const;

 private:
  std::unique_ptr<EventLink> connect(const char* setting, const IntakeAddress& address,
                                     const bus::KeyPair& own);
  EventLink& link_for(const v1::Event& message) const;
  std::uint64_t next_revision();
  void seal_password(Event::State& event) const;

  PublisherSettings settings_;
  SystemClock clock_;
  SystemRandom random_;
  std::atomic<std::uint64_t> last_revision_ = 0;
  std::optional<bus::PublicKey> sealing_key_;
  bus::Reactor reactor_{clock_};
  std::unique_ptr<EventLink> registration_;
  std::unique_ptr<EventLink> notification_;
  std::thread thread_;
};

Publisher::State::State(PublisherSettings settings) : settings_(std::move(settings)) {
  const auto own = read_own_key(settings_.source_key_file);
  if (!settings_.sealing_key_file.empty())
    sealing_key_ = read_key("sealing_key_file", settings_.sealing_key_file);
  registration_ = connect("registration", settings_.registration, own);
  notification_ = connect("notification", settings_.notification, own);
  if (links().empty())
    throw std::invalid_argument("registration, notification: neither has an endpoint; name at least one");
  thread_ = start_without_signals([this]() noexcept { reactor_.run(); });
}

Publisher::State::~State() {
  reactor_.stop();
  thread_.join();
  for (auto* link : links()) link->close();
}

std::unique_ptr<EventLink> Publisher::State::connect(const char* setting, const IntakeAddress& address,
                                                     const bus::KeyPair& own) {
  if (address.endpoints.empty()) return nullptr;
  EventLink::Settings link{
      .connect = {.endpoints = address.endpoints,
                  .own = own.duplicate(),
                  .server = read_key((std::string(setting) + ".key_file").c_str(), address.key_file),
                  .answer_deadline = settings_.answer_deadline},
      .max_unanswered = settings_.max_unanswered,
      .max_unanswered_bytes = settings_.max_unanswered_bytes,
      .on_outcome = settings_.on_outcome,
      .on_link = settings_.on_link};
  return std::make_unique<EventLink>(reactor_, random_, std::move(link));
}

std::vector<EventLink*> Publisher::State::links() const {
  std::vector<EventLink*> all;
  if (registration_) all.push_back(registration_.get());
  if (notification_) all.push_back(notification_.get());
  return all;
}

EventLink& Publisher::State::link_for(const v1::Event& message) const {
  const bool registration = destination_of(message) == Destination::kRegistration;
  const auto& link = registration ? registration_ : notification_;
  if (!link)
    throw std::logic_error(std::string("publish: the settings have no endpoint of ") +
                           (registration ? "registration" : "notification"));
  return *link;
}

/// The clock's microseconds, but never twice the same: of two changes in one microsecond the second must win.
std::uint64_t Publisher::State::next_revision() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  std::uint64_t last = last_revision_.load();
  std::uint64_t next = 0;
  do {
    next = std::max(static_cast<std::uint64_t>(now.count()), last + 1);
  } while (!last_revision_.compare_exchange_weak(last, next));
  return next;
}

void Publisher::State::seal_password(Event::State& event) const {
  if (event.password.empty()) return;
  if (!sealing_key_) throw std::logic_error("publish: a password, but no sealing_key_file in the settings");
  auto sealed = bus::seal(event.password.reveal(), *sealing_key_);
  if (event.message.has_member_upserted())
    event.message.mutable_member_upserted()->set_sealed_password(std::move(sealed));
  else
    event.message.mutable_password_changed()->set_sealed_password(std::move(sealed));
  event.password = Secret();
}

std::string Publisher::State::pack(Event::State& event) {
  if (event.fault) throw std::invalid_argument(*event.fault);
  if (!event.packed.empty()) return std::move(event.packed);
  seal_password(event);
  auto& message = event.message;
  const WallTime now = clock_.wall();
  if (message.id().empty()) message.set_id(EventId::make(now, random_).to_bytes());
  const auto s = std::chrono::floor<std::chrono::seconds>(now);
  message.mutable_time()->set_seconds(s.time_since_epoch().count());
  message.mutable_time()->set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds(now - s).count()));
  const bool needs_revision = destination_of(message) == Destination::kRegistration;
  if (needs_revision && message.revision() == 0) message.set_revision(next_revision());
  return message.SerializeAsString();
}

Ticket Publisher::State::publish(Event::State& event) {
  auto& link = link_for(event.message);
  if (event.fault) {
    auto ticket = std::make_shared<Ticket::State>(EventId::make(clock_.wall(), random_).to_string());
    ticket->end({Outcome::Status::kRejected, ticket->event_id(), "INVALID_TEXT", *event.fault});
    return Ticket(std::move(ticket));
  }
  auto bytes = pack(event);
  return link.publish(*EventId::from_bytes(event.message.id()), std::move(bytes));
}

Publisher::Publisher(PublisherSettings settings) : state_(std::make_unique<State>(std::move(settings))) {}
Publisher::~Publisher() = default;

Ticket Publisher::publish(Event event) {
  return state_->publish(event.state());
}
std::string Publisher::pack(Event event) {
  return state_->pack(event.state());
}

bool Publisher::wait_for_credit(std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + sane(time);
  for (auto* link : state_->links()) {
    if (!link->wait_for_credit(deadline)) return false;
  }
  return true;
}

bool Publisher::flush(std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + sane(time);
  for (auto* link : state_->links()) {
    if (!link->flush(deadline)) return false;
  }
  return true;
}

std::size_t Publisher::unanswered() const {
  std::size_t sum = 0;
  for (const auto* link : state_->links()) sum += link->unanswered().items;
  return sum;
}

Flow Publisher::flow() const {
  bus::Load unanswered;
  bus::Load credit;
  for (const auto* link : state_->links()) {
    unanswered += link->unanswered();
    credit += link->credit();
  }
  return {unanswered.items, unanswered.bytes, credit.items, credit.bytes};
}

}  // namespace rostrum
