// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/worker.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

#include <poll.h>
#include <sys/socket.h>

#include "common/base/backoff.hpp"
#include "common/base/random.hpp"
#include "common/pg/failure.hpp"

namespace rostrum::pg {
namespace {

constexpr Backoff kReconnect{Milliseconds(100), Milliseconds(3'000)};
constexpr Backoff kAgainSoon{Milliseconds(5), Milliseconds(500)};
/// Attempts of a job that fails by what may be its own fault; of a victim of deadlocks, or one under which
/// the connection breaks each time.
constexpr unsigned kFewTimes = 3;
constexpr unsigned kManyTimes = 20;

/// Counts the failed attempts of one job.
class Attempts {
 public:
  /// Whether it is to be tried again.
  [[nodiscard]] bool go_on_after(Remedy remedy) {
    switch (remedy) {
      case Remedy::kAFewTimes:
        return ++few_ < kFewTimes;
      case Remedy::kAgainNow:
      case Remedy::kReconnect:
        return ++many_ < kManyTimes;
      case Remedy::kAgainLater:
        return true;
      case Remedy::kGiveUp:
        return false;
    }
    return false;
  }

 private:
  unsigned few_ = 0;
  unsigned many_ = 0;
};

/// How often an idle connection is looked at: a server that went away shows as a readable socket.
constexpr Milliseconds kGlance{250};
/// How long the end waits for a connection that is just being made.
constexpr Milliseconds kLastConnect{100};

bool is_readable(int descriptor) {
  pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) > 0;
}

}  // namespace

struct Worker::State {
  struct Job {
    std::function<void(pqxx::transaction_base&)> run;
    std::function<void(std::optional<DbError>)> done;
  };

  State(bus::Reactor& r, Secret c, bool plans, std::weak_ptr<Handlers> h)
      : reactor(r), conninfo(std::move(c)), keeps_plans(plans), handlers(std::move(h)) {}

  bus::Reactor& reactor;
  const Secret conninfo;
  const bool keeps_plans;
  /// The worker's: tasks posted to the reactor find it gone after the end and do nothing.
  const std::weak_ptr<Handlers> handlers;
  std::size_t unanswered = 0;  // the reactor's

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;     // under mutex
  bool stopping = false;    // under mutex
  bool connecting = false;  // under mutex
  int waits_on = -1;        // under mutex: the socket of the transaction at work

  // The thread's own from here on.
  SystemRandom random;
  std::shared_ptr<pqxx::connection_base> connection;
  enum class Told { kNothing, kUp, kDown } told = Told::kNothing;
  unsigned failures = 0;  // in a row
  bool troubled = false;
  std::thread thread;

  void run();
  std::optional<Job> next_job();
  bool pause(Milliseconds delay);
  bool is_stopping();
  void set_connecting(bool is_so);
  bool wait_on(int descriptor);
  void post(std::function<void()> task);
  void end();
  bool connect_once();
  void glance();
  std::optional<Failure> attempt(const Job& job);
  void finish(Job job);
  void answer(Job job, std::optional<DbError> error);
  bool recover(const Failure& failure);
  void tell_up();
  void tell_down(std::string why);
  void tell_trouble(const Failure& failure);
  void tell_relief();
};

/// Sleeps unless the end comes first; false: it is the end.
bool Worker::State::pause(Milliseconds delay) {
  std::unique_lock lock(mutex);
  return !changed.wait_for(lock, delay, [&] { return stopping; });
}

bool Worker::State::is_stopping() {
  const std::lock_guard lock(mutex);
  return stopping;
}

void Worker::State::set_connecting(bool is_so) {
  {
    const std::lock_guard lock(mutex);
    connecting = is_so;
  }
  changed.notify_all();
}

/// Tells the end which socket the thread may hang on, or -1; false: it is the end already.
bool Worker::State::wait_on(int descriptor) {
  const std::lock_guard lock(mutex);
  waits_on = descriptor;
  return !stopping;
}

/// Never after the end: the reactor may be gone then.
void Worker::State::post(std::function<void()> task) {
  const std::lock_guard lock(mutex);
  if (!stopping) reactor.post(std::move(task));
}

/// The end, on the reactor's thread. A database that stands still must not hold it up: the socket of the
/// transaction at work is shut, which is to that transaction as if the database had died. A thread in the
/// middle of connecting, where libpq shows no socket, is left behind; it touches nothing but this state any
/// more.
void Worker::State::end() {
  std::unique_lock lock(mutex);
  stopping = true;
  jobs.clear();
  if (waits_on >= 0) ::shutdown(waits_on, SHUT_RDWR);
  changed.notify_all();
  const bool is_free = changed.wait_for(lock, kLastConnect, [&] { return !connecting; });
  lock.unlock();
  is_free ? thread.join() : thread.detach();
}

void Worker::State::run() {
  do {
    if (!connection) {
      if (!connect_once()) pause(kReconnect.delay(++failures, random));
    } else if (auto job = next_job()) {
      finish(std::move(*job));
    }
  } while (pause(Milliseconds(0)));
}

/// The next job, or nothing after a glance at the idle connection.
std::optional<Worker::State::Job> Worker::State::next_job() {
  std::unique_lock lock(mutex);
  if (changed.wait_for(lock, kGlance, [&] { return stopping || !jobs.empty(); })) {
    if (stopping) return std::nullopt;
    auto job = std::move(jobs.front());
    jobs.pop_front();
    return job;
  }
  lock.unlock();
  glance();
  return std::nullopt;
}

bool Worker::State::connect_once() {
  set_connecting(true);
  try {
    connection = connect(conninfo, keeps_plans);
    tell_up();
    tell_relief();
  } catch (const std::exception&) {
    const auto failure = read_failure(std::current_exception());
    tell_down(failure.text);
    tell_trouble(failure);
  }
  set_connecting(false);
  return connection != nullptr;
}

void Worker::State::glance() {
  try {
    if (is_readable(connection->sock())) connection->get_notifs();  // throws when what came is the end
    if (!connection->is_open()) throw pqxx::broken_connection("connection closed by the server");
    failures = 0;
  } catch (const std::exception&) {
    recover(read_failure(std::current_exception()));
  }
}

std::optional<Failure> Worker::State::attempt(const Job& job) {
  try {
    pqxx::work transaction(*connection);
    job.run(transaction);
    transaction.commit();
    return std::nullopt;
  } catch (...) {
    auto failure = read_failure(std::current_exception());
    if (!connection->is_open()) failure.remedy = Remedy::kReconnect;
    return failure;
  }
}

/// One job to its end: done, refused for good, or dropped because the worker ends.
void Worker::State::finish(Job job) {
  Attempts attempts;
  for (;;) {
    if (!connection && !connect_once()) {
      if (!pause(kReconnect.delay(++failures, random))) return;
      continue;
    }
    if (!wait_on(connection->sock())) return;
    std::optional<Failure> failure;
    try {
      failure = attempt(job);
    } catch (...) {  // not the database's doing: the service cannot go on
      post([exception = std::current_exception()] { std::rethrow_exception(exception); });
      return;
    }
    if (!wait_on(-1)) return;
    if (!failure) {
      failures = 0;
      tell_up();
      tell_relief();
      return answer(std::move(job), std::nullopt);
    }
    if (!attempts.go_on_after(failure->remedy)) {
      if (failure->remedy != Remedy::kGiveUp) tell_trouble(*failure);
      if (failure->remedy == Remedy::kReconnect) connection.reset();
      return answer(std::move(job), error_of(*failure));
    }
    if (!recover(*failure)) return;
  }
}

/// What the job holds goes along: to free a large batch is not the thread's to do, whose time the database
/// waits for.
void Worker::State::answer(Job job, std::optional<DbError> error) {
  post([this, alive = handlers, job = std::move(job), error = std::move(error)]() mutable {
    if (alive.expired()) return;
    --unanswered;
    job.done(std::move(error));
  });
}

/// Does what a failure calls for before the next attempt; false: it is the end.
bool Worker::State::recover(const Failure& failure) {
  if (failure.remedy == Remedy::kAgainNow) return pause(kAgainSoon.delay(++failures, random));
  tell_trouble(failure);
  if (failure.remedy == Remedy::kAFewTimes) return pause(kReconnect.delay(++failures, random));
  tell_down(failure.text);
  if (failure.remedy == Remedy::kReconnect) connection.reset();
  return pause(kReconnect.delay(++failures, random));
}

void Worker::State::tell_up() {
  if (std::exchange(told, Told::kUp) == Told::kUp) return;
  post([weak = handlers] {
    if (const auto alive = weak.lock()) alive->on_up();
  });
}

void Worker::State::tell_down(std::string why) {
  if (std::exchange(told, Told::kDown) == Told::kDown) return;
  post([weak = handlers, why = std::move(why)] {
    if (const auto alive = weak.lock()) alive->on_down(why);
  });
}

void Worker::State::tell_trouble(const Failure& failure) {
  troubled = true;
  post([weak = handlers, failure] {
    if (const auto alive = weak.lock()) alive->on_trouble(failure);
  });
}

void Worker::State::tell_relief() {
  if (!std::exchange(troubled, false)) return;
  post([weak = handlers] {
    if (const auto alive = weak.lock()) alive->on_relief();
  });
}

DbError error_of(const Failure& failure) {
  return {failure.sqlstate, failure.constraint, failure.text, fault_of(failure.sqlstate)};
}

Worker::Worker(bus::Reactor& reactor, const std::string& name, Settings settings, Handlers handlers)
    : handlers_(std::make_shared<Handlers>(std::move(handlers))),
      state_(std::make_shared<State>(reactor, complete_conninfo(settings, name), settings.keeps_plans,
                                     handlers_)) {
  state_->thread = std::thread([state = state_] { state->run(); });
}

Worker::~Worker() {
  state_->end();
}

void Worker::enqueue(std::function<void(pqxx::transaction_base&)> job,
                     std::function<void(std::optional<DbError>)> done) {
  ++state_->unanswered;
  {
    const std::lock_guard lock(state_->mutex);
    state_->jobs.push_back({std::move(job), std::move(done)});
  }
  state_->changed.notify_all();
}

std::size_t Worker::queued() const {
  return state_->unanswered;
}

}  // namespace rostrum::pg
