// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/base/result.hpp"
#include "common/bus/reactor.hpp"
#include "common/pg/connect.hpp"
#include "common/pg/failure.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::pg {

/// Why something was not done in the end.
struct DbError {
  std::string sqlstate;    ///< five characters, e.g. "23505"
  std::string constraint;  ///< its name, if one was violated
  std::string text;        ///< the server's words, without row values
  Fault fault = Fault::kData;
};
[[nodiscard]] DbError error_of(const Failure& failure);

/// One thread with one connection, which comes back by itself after a restart of PostgreSQL. Jobs run one
/// after the other, each in its own transaction with `synchronous_commit=on`; what they return crosses to the
/// reactor as a value. Belongs to the reactor's thread.
class Worker {
 public:
  struct Handlers {
    /// On the reactor: the database takes transactions (first, or again).
    std::function<void()> on_up = [] {};
    /// On the reactor: it does not, and why; jobs wait.
    std::function<void(const std::string& why)> on_down = [](const std::string&) {};
    /// On the reactor: one more attempt failed, of a job or to connect, and not by the data's fault. It is
    /// repeated after a pause of up to three seconds.
    std::function<void(const Failure&)> on_trouble = [](const Failure&) {};
    /// On the reactor: after trouble, something was committed, or a connection made.
    std::function<void()> on_relief = [] {};
  };
  Worker(bus::Reactor& reactor, const std::string& name, Settings settings, Handlers handlers);
  /// Within a moment, also when the database stands still: breaks the connection under the job at hand, whose
  /// transaction then may have been committed or not, and drops the others; nothing is called any more.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Runs `job` on the worker's thread and commits; then calls `done` on the reactor. What is the fault of
  /// the whole database (a lost connection, also in the middle of COMMIT, a full disk, a missing migration)
  /// runs the job again, for as long as it takes: jobs must be repeatable. What is refused for good, or
  /// failed three times in a way that may as well be the job's own fault (Remedy::kAFewTimes; by deadlocks,
  /// or with its connection broken under it, twenty times), comes as DbError and has left nothing behind. An
  /// exception of the job's own leaves the reactor's run().
  template <class Value>
  void submit(std::function<Value(pqxx::transaction_base&)> job,
              std::function<void(Result<Value, DbError>)> done) {
    auto value = std::make_shared<std::optional<Value>>();
    enqueue([value, job = std::move(job)](pqxx::transaction_base& tx) { value->emplace(job(tx)); },
            [value, done = std::move(done)](std::optional<DbError> error) {
              if (error) return done(std::move(*error));
              done(std::move(**value));
            });
  }

  /// Jobs whose `done` has not been called yet.
  [[nodiscard]] std::size_t queued() const;

 private:
  void enqueue(std::function<void(pqxx::transaction_base&)> job,
               std::function<void(std::optional<DbError>)> done);
  struct State;
  const std::shared_ptr<Handlers> handlers_;
  const std::shared_ptr<State> state_;  // also the thread's
};

}  // namespace rostrum::pg
