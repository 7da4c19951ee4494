// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

namespace rostrum::test {

/// A key and its certificate, as PEM.
struct Certificate {
  std::string certificate;
  std::string key;
};

/// A certificate authority that lives as long as the test; its certificate lies in a file of its own.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] Certificate issue(const std::string& host) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string file_;
};

}  // namespace rostrum::test
