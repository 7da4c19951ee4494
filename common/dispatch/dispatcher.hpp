// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/random.hpp"
#include "common/bus/command_client.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"
#include "common/pg/worker.hpp"
#include "rostrum/v1/command.pb.h"

namespace rostrum::dispatch {

/// A claimed piece of work together with how its command went.
template <class Work>
struct Finished {
  Work work;
  bus::CommandResult result;
};

/// Where a service keeps its work; called on the database thread, in a transaction of the worker's.
template <class Work>
class WorkStore {
 public:
  virtual ~WorkStore() = default;
  /// Claims up to `most` pieces that are due (FOR UPDATE SKIP LOCKED), marks them *attempting* until `now() + hold`, and returns them. What was left attempting by a process that died is due again after its hold.
  [[nodiscard]] virtual std::vector<Work> claim(pqxx::transaction_base& tx, std::size_t most, Milliseconds hold) = 0;
  /// Records what became of them, in one statement per table.
  virtual void settle(pqxx::transaction_base& tx, const std::vector<Finished<Work>>& finished) = 0;
};

/// Turns claimed work into a command; may instead answer at once with a result of its own (e.g. expired). Called on the reactor.
template <class Work>
using MakeCommand = std::function<std::optional<bus::CommandResult>(Work& work, v1::Command& command)>;

struct Settings {
  std::string name;                     ///< label of the metrics: "account", "delivery"
  std::size_t claim_batch = 256;        ///< most pieces claimed by one transaction
  Milliseconds poll{500};               ///< backstop: how often to look for work without a kick
  Milliseconds time_to_live{10'000};    ///< of each command
  Milliseconds stanza_deadline{15'000}; ///< what the gateway may need after it started
  Milliseconds pause_first{200};        ///< pause of claiming after a RETRY, doubling with jitter …
  Milliseconds pause_cap{5'000};        ///< … up to this; ended by the first command that is done
};

/// The loop between a table of work and the gateways: claims no more than the gateways give credit for, commits *attempting* before anything is sent, sends, gathers results while the last settle is
/// being committed, settles them in batches. Everything claimed is settled exactly once, unless this process dies. Belongs to the reactor's thread.
template <class Work>
class Dispatcher;

}  // namespace rostrum::dispatch
