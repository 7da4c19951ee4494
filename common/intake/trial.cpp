// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/trial.hpp"

#include <utility>
#include <vector>

namespace rostrum::intake {

std::optional<Batch> find_witness(const Batch& batch, std::size_t accused, const Batch* next, std::size_t nth,
                                  EventId id) {
  const auto type = batch.received(accused).type;
  std::vector<std::pair<const Batch*, std::size_t>> alike;
  const auto look = [&](const Batch& waiting, std::size_t from) {
    for (auto place = from; place < waiting.size(); ++place) {
      if (waiting.is_good(place) && waiting.received(place).type == type) alike.emplace_back(&waiting, place);
    }
  };
  look(batch, accused + 1);
  if (next != nullptr) look(*next, 0);
  if (alike.empty()) return std::nullopt;
  const auto [waiting, place] = alike[nth % alike.size()];
  return waiting->again(place, id);
}

}  // namespace rostrum::intake
