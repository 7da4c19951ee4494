// SPDX-License-Identifier: Apache-2.0
#include "common/base/secret.hpp"

#include <utility>

#include <string.h>  // explicit_bzero: the compiler may not leave it out, as it may a memset before the end of a life

namespace rostrum {

namespace {

/// The whole buffer, not only the text: a moved-from short string still holds its characters.
void erase(std::string& bytes) {
  bytes.resize(bytes.capacity());  // NOLINT: also of what was moved from
  ::explicit_bzero(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace

Secret::Secret(std::string bytes) : bytes_(std::move(bytes)) {
  erase(bytes);  // what the move left behind
}

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {
  other.wipe();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();  // before the move, which may hand our buffer to `other` or free it
    bytes_ = std::move(other.bytes_);
    other.wipe();
  }
  return *this;
}

Secret::~Secret() {
  wipe();
}

void Secret::wipe() {
  erase(bytes_);
}

}  // namespace rostrum
