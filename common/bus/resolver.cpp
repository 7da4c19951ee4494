// SPDX-License-Identifier: Apache-2.0
#include "common/bus/resolver.hpp"

#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace rostrum::bus {

/// Shared with the thread, which may outlive the one who asked.
struct Resolver::Question {
  std::mutex mutex;
  Reactor* reactor;  // null once nobody waits
  OnResolution on_resolution;
};

Resolver::Resolver(Reactor& reactor, const HostAndPort& where, OnResolution on_resolution, LookUp ask)
    : question_(std::make_shared<Question>()) {
  question_->reactor = &reactor;
  question_->on_resolution = std::move(on_resolution);
  auto answer = [question = question_](Resolution resolution) {
    const std::lock_guard lock(question->mutex);
    if (question->reactor == nullptr) return;
    question->reactor->post([waiting = std::weak_ptr(question), found = std::move(resolution)] {
      // Asked on the reactor's thread, where Resolvers live and die.
      if (const auto still = waiting.lock(); still && still->reactor != nullptr) still->on_resolution(found);
    });
  };
  if (auto number = read_number(where); !number.addresses.empty()) {
    answer(std::move(number));
    return;
  }
  try {
    std::thread([where, answer, ask = std::move(ask)] { answer(ask(where)); }).detach();
  } catch (const std::system_error& error) {
    answer({{}, std::string("no thread to look it up: ") + error.what()});
  }
}

Resolver::~Resolver() {
  const std::lock_guard lock(question_->mutex);
  question_->reactor = nullptr;
}

}  // namespace rostrum::bus
