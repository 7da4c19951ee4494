// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fault/site/journal.hpp"

#include <fstream>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace rostrum::fault {

namespace {

const char* word(Outcome::Status status) {
  switch (status) {
    case Outcome::Status::kAccepted:
      return "accepted";
    case Outcome::Status::kDuplicate:
      return "duplicate";
    case Outcome::Status::kRejected:
      return "rejected";
    case Outcome::Status::kNotNow:
    case Outcome::Status::kClosed:
      break;
  }
  return "open";
}

}  // namespace

Journal::Journal(const std::string& path) {
  read(path);
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) throw std::runtime_error("cannot write " + path);
}

Journal::~Journal() {
  ::close(descriptor_);
}

void Journal::read(const std::string& path) {
  std::ifstream file(path);
  std::unordered_map<std::string, std::size_t> place;
  for (std::string text; std::getline(file, text);) {
    const auto line = nlohmann::json::parse(text);
    const auto id = line.at("id").get<std::string>();
    if (line.contains("told")) {
      open_.erase(place.at(id));
      continue;
    }
    const auto bytes = line.at("bytes").get<std::vector<std::uint8_t>>();
    place[id] = size_;
    open_[size_++] = {id, {bytes.begin(), bytes.end()}, line.at("kind") == "notice"};
  }
}

void Journal::add(const Entry& entry, nlohmann::json about) {
  about["id"] = entry.id;
  about["bytes"] = std::vector<std::uint8_t>(entry.bytes.begin(), entry.bytes.end());
  write(about);
  ++size_;
}

void Journal::tell(const Outcome& outcome) {
  write({{"id", outcome.event_id}, {"told", word(outcome.status)}, {"code", outcome.code}});
}

void Journal::write(const nlohmann::json& line) const {
  const auto text = line.dump() + "\n";
  if (::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("cannot write the journal");
}

}  // namespace rostrum::fault
