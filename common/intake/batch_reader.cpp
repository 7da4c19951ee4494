// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/batch_reader.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "common/base/result.hpp"

namespace rostrum::intake {

struct BatchReader::State {
  struct Job {
    std::shared_ptr<Batch> batch;
    std::function<void()> done;
  };

  State(bus::Reactor& r, Batch::Check c) : reactor(r), check(std::move(c)) {}

  bus::Reactor& reactor;
  const Batch::Check check;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);  // what is posted holds it weakly

  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Job> job;  // under mutex
  bool stopping = false;   // under mutex
  std::thread thread;

  std::optional<Job> next() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return stopping || job; });
    if (stopping) return std::nullopt;
    return std::exchange(job, std::nullopt);
  }

  void run() {
    while (auto at_hand = next()) {
      try {
        at_hand->batch->read(check);
      } catch (...) {  // the service cannot go on
        reactor.post([exception = std::current_exception()] { std::rethrow_exception(exception); });
        return;
      }
      reactor.post([weak = std::weak_ptr(alive), done = std::move(at_hand->done)] {
        if (!weak.expired()) done();
      });
    }
  }
};

BatchReader::BatchReader(bus::Reactor& reactor, Batch::Check check)
    : state_(std::make_unique<State>(reactor, std::move(check))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

BatchReader::~BatchReader() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

void BatchReader::read(std::shared_ptr<Batch> batch, std::function<void()> done) {
  {
    const std::lock_guard lock(state_->mutex);
    ROSTRUM_INVARIANT(!state_->job);
    state_->job.emplace(State::Job{std::move(batch), std::move(done)});
  }
  state_->changed.notify_one();
}

}  // namespace rostrum::intake
