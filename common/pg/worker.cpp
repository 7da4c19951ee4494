// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/worker.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

#include <poll.h>

#include "common/base/backoff.hpp"
#include "common/base/random.hpp"
#include "common/pg/failure.hpp"

namespace rostrum::pg {
namespace {

constexpr Backoff kReconnect{Milliseconds(100), Milliseconds(3'000)};
constexpr Backoff kAgainSoon{Milliseconds(5), Milliseconds(500)};
/// How often an idle connection is looked at: a server that went away shows as a readable socket.
constexpr Milliseconds kGlance{250};

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

  State(bus::Reactor& r, Secret c, Handlers h)
      : reactor(r), conninfo(std::move(c)), handlers(std::make_shared<Handlers>(std::move(h))) {}

  bus::Reactor& reactor;
  const Secret conninfo;
  /// Tasks posted to the reactor hold it weakly: after the worker's end they do nothing.
  std::shared_ptr<Handlers> handlers;
  std::size_t unanswered = 0;  // the reactor's

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;   // under mutex
  bool stopping = false;  // under mutex

  // The thread's own from here on.
  SystemRandom random;
  std::shared_ptr<pqxx::connection_base> connection;
  enum class Told { kNothing, kUp, kDown } told = Told::kNothing;
  unsigned failures = 0;  // in a row
  std::thread thread;

  void run();
  std::optional<Job> next_job();
  bool pause(Milliseconds delay);
  bool connect_once();
  void glance();
  std::optional<Failure> attempt(const Job& job);
  void finish(Job job);
  void answer(Job job, std::optional<DbError> error);
  bool recover(const Failure& failure);
  void tell_up();
  void tell_down(std::string why);
};

/// Sleeps unless the end comes first; false: it is the end.
bool Worker::State::pause(Milliseconds delay) {
  std::unique_lock lock(mutex);
  return !changed.wait_for(lock, delay, [&] { return stopping; });
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
  try {
    connection = connect(conninfo);
    tell_up();
    return true;
  } catch (const std::exception&) {
    tell_down(read_failure(std::current_exception()).text);
    return false;
  }
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
  for (;;) {
    if (!connection && !connect_once()) {
      if (!pause(kReconnect.delay(++failures, random))) return;
      continue;
    }
    std::optional<Failure> failure;
    try {
      failure = attempt(job);
    } catch (...) {  // not the database's doing: the service cannot go on
      reactor.post([exception = std::current_exception()] { std::rethrow_exception(exception); });
      return;
    }
    if (!failure) {
      failures = 0;
      tell_up();
      return answer(std::move(job), std::nullopt);
    }
    if (failure->remedy == Remedy::kGiveUp) {
      return answer(std::move(job), DbError{failure->sqlstate, failure->constraint, failure->text});
    }
    if (!recover(*failure)) return;
  }
}

void Worker::State::answer(Job job, std::optional<DbError> error) {
  reactor.post([this, alive = std::weak_ptr(handlers), done = std::move(job.done),
                error = std::move(error)]() mutable {
    if (alive.expired()) return;
    --unanswered;
    done(std::move(error));
  });
}

/// Does what a failure calls for before the next attempt; false: it is the end.
bool Worker::State::recover(const Failure& failure) {
  if (failure.remedy == Remedy::kAgainNow) return pause(kAgainSoon.delay(++failures, random));
  tell_down(failure.text);
  if (failure.remedy == Remedy::kReconnect) connection.reset();
  return pause(kReconnect.delay(++failures, random));
}

void Worker::State::tell_up() {
  if (std::exchange(told, Told::kUp) == Told::kUp) return;
  reactor.post([weak = std::weak_ptr(handlers)] {
    if (const auto alive = weak.lock()) alive->on_up();
  });
}

void Worker::State::tell_down(std::string why) {
  if (std::exchange(told, Told::kDown) == Told::kDown) return;
  reactor.post([weak = std::weak_ptr(handlers), why = std::move(why)] {
    if (const auto alive = weak.lock()) alive->on_down(why);
  });
}

Worker::Worker(bus::Reactor& reactor, const std::string& name, Settings settings, Handlers handlers)
    : state_(std::make_unique<State>(reactor, complete_conninfo(settings, name), std::move(handlers))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Worker::~Worker() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
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
