// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"

namespace rostrum::metrics {

/// Whether the parts of a service can do their work now; set by their owners from any thread, read by
/// /readyz.
class Health {
 public:
  explicit Health(const Clock& clock = system_clock());

  /// A part of the service that must be good for it to be ready; not good until told.
  class Part {
   public:
    explicit Part(std::string name) : name_(std::move(name)) {}
    /// The note, if any, says in what way: a part may be well without doing the work itself.
    void good(const std::string& note = {});
    void bad(const std::string& why);

   private:
    friend class Health;
    mutable std::mutex mutex_;
    const std::string name_;
    std::string why_ = "starting";  // empty: good
    std::string note_;
  };

  /// A new part; it lives as long as this object.
  Part& part(std::string name);
  /// Called by the reactor at least once a second; /livez fails when it has not been for more than ten
  /// seconds.
  void beat();

  struct Report {
    bool good;
    std::string text;  ///< one line per part: "name: good", "name: good (note)" or "name: why"
  };
  [[nodiscard]] Report ready() const;
  [[nodiscard]] Report live() const;

 private:
  static const Clock& system_clock();

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Part>> parts_;
  MonoTime last_beat_;
};

}  // namespace rostrum::metrics
