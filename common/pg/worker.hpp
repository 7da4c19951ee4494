// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/base/result.hpp"
#include "common/base/secret.hpp"
#include "common/bus/reactor.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::pg {

/// Why the database refused something for good: trying the same again would fail the same way.
struct DbError {
  std::string sqlstate;    ///< five characters, e.g. "23505"
  std::string constraint;  ///< its name, if one was violated
  std::string text;        ///< the server's words, without row values
};

/// How to reach a database.
struct Settings {
  std::string conninfo;  ///< libpq keywords or URI, without password; the options that end a hang are added
  Secret password;       ///< may be empty
};

/// One thread with one connection, which comes back by itself after a restart of PostgreSQL. Jobs run one after the other, each in its own transaction with
/// `synchronous_commit=on`; what they return crosses to the reactor as a value.
class Worker {
 public:
  struct Handlers {
    std::function<void()> on_up = [] {};                                ///< on the reactor: the connection is there
    std::function<void(const std::string& why)> on_down = [](const std::string&) {};  ///< on the reactor: it is lost; jobs wait
  };
  Worker(bus::Reactor& reactor, std::string name, Settings settings, Handlers handlers);
  ~Worker();  // waits for the job at hand, drops the others
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Runs `job` on the worker's thread and commits; then calls `done` on the reactor. A lost connection (also in the middle of COMMIT), a deadlock or a serialization failure runs the job again, for
  /// as long as it takes: jobs must be repeatable. What is refused for good comes as DbError and has left nothing behind.
  template <class Value>
  void submit(std::function<Value(pqxx::transaction_base&)> job, std::function<void(Result<Value, DbError>)> done) {
    auto value = std::make_shared<std::optional<Value>>();
    enqueue([value, job = std::move(job)](pqxx::transaction_base& tx) { value->emplace(job(tx)); },
            [value, done = std::move(done)](std::optional<DbError> error) {
              if (error) return done(std::move(*error));
              done(std::move(**value));
            });
  }

  [[nodiscard]] std::size_t queued() const;

 private:
  void enqueue(std::function<void(pqxx::transaction_base&)> job, std::function<void(std::optional<DbError>)> done);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::pg
