// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/bus/event_intake.hpp"
#include "common/intake/event.hpp"
#include "common/intake/ledger.hpp"
#include "common/intake/verdict.hpp"
#include "common/pg/split_plan.hpp"

namespace rostrum::intake {

/// Where a batch goes, within one transaction that commits everything or nothing: a ledger (ledger.hpp) and a
/// domain (domain.hpp), which say what each of these means.
class EventStore {
 public:
  virtual ~EventStore() = default;
  [[nodiscard]] virtual std::optional<Rejection> check(const IntakeEvent& event) const = 0;
  [[nodiscard]] virtual std::vector<Ledger::Entry> enter(std::span<const Identity> events) = 0;
  virtual void withdraw(std::span<const Identity> events) = 0;
  [[nodiscard]] virtual std::vector<std::optional<Rejection>> apply(IntakeEvents events) = 0;
};

/// Events taken together, on their way through one or more transactions.
class Batch {
 public:
  explicit Batch(std::vector<bus::ReceivedEvent> received);

  /// Whether a payload is good in itself (domain.hpp).
  using Check = std::function<std::optional<Rejection>(const IntakeEvent&)>;
  /// Reads all events, which takes most of the time that is not the database's: on any thread, ahead of the
  /// commit. What is not read by then commit() reads itself.
  void read(const Check& check);
  /// Takes in the events of another batch, after its own.
  void append(Batch&& more);

  [[nodiscard]] std::size_t size() const { return received_.size(); }
  [[nodiscard]] bus::Load load(
      pg::SplitPlan::Part part) const;  ///< with the bytes of the events as they came
  [[nodiscard]] const bus::ReceivedEvent& received(std::size_t index) const { return received_[index]; }

  /// Whether it has been read and is good in itself.
  [[nodiscard]] bool is_good(std::size_t index) const { return items_[index].event.has_value(); }
  /// One that is, once more, under another id.
  [[nodiscard]] Batch again(std::size_t index, EventId id) const;

  /// In one transaction that may be repeated: what becomes of the events of a part.
  [[nodiscard]] std::vector<Verdict> commit(EventStore& store, pg::SplitPlan::Part part);

 private:
  struct Item {
    std::size_t bytes;  // as it came
    std::string digest = {};
    std::optional<IntakeEvent> event = {};  // read and good in itself
    std::optional<Rejection> rejection = {};
  };
  void read(std::size_t index, const Check& check);

  std::vector<bus::ReceivedEvent> received_;
  std::vector<Item> items_;
};

}  // namespace rostrum::intake
