// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "rostrum/publisher.hpp"

namespace rostrum::fault {

/// One event of the site, packed.
struct Entry {
  std::string id;  ///< UUIDv7 as text
  std::string bytes;
  bool is_notice;  ///< for notification; all others are for registration
};

/// The site's outbox: a file of JSON lines, an event before it is offered and its outcome when it came. Each
/// line is one write(), so that a process that is killed leaves whole lines, and whoever comes after it finds
/// what was promised and not answered.
class Journal {
 public:
  /// Reads what is there; throws std::runtime_error when the file cannot be read or made.
  explicit Journal(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// `about`: what the ledger has to know of the event (tests/fault/ledger.py).
  void add(const Entry& entry, nlohmann::json about);
  /// Also of an event that was added by an earlier process. Any thread.
  void tell(const Outcome& outcome);

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Events without an outcome as the file was read, in their order.
  [[nodiscard]] const std::map<std::size_t, Entry>& open() const { return open_; }

 private:
  void read(const std::string& path);
  void write(const nlohmann::json& line) const;

  int descriptor_ = -1;
  std::size_t size_ = 0;
  std::map<std::size_t, Entry> open_;
};

}  // namespace rostrum::fault
