// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever bytes come as a frame, from either side of any link: what is read can be written, and reads as the
// same again; it holds no more events than bytes could; and reading it never takes much more memory than the
// frame has.
#include <string>

#include "common/base/result.hpp"
#include "common/bus/frames.hpp"
#include "tests/fuzz/support/allocation.hpp"
#include "tests/fuzz/support/input.hpp"

namespace {

using namespace rostrum;
using namespace rostrum::bus;

std::optional<Frame> decode_within_bounds(std::string_view bytes) {
  constexpr std::size_t kMostBytes = std::size_t{4} * 1024 * 1024;
  const fuzz::AllocationMeter meter;
  auto frame = decode(bytes);
  ROSTRUM_INVARIANT(meter.most_bytes() <= kMostBytes + 8 * bytes.size());
  return frame;
}

/// Events and observations stay the bytes they are.
std::size_t bytes_carried(const Frame& frame) {
  std::size_t bytes = 0;
  if (const auto* batch = std::get_if<BatchFrame>(&frame)) {
    for (const auto& event : batch->events) bytes += event.size();
  }
  if (const auto* told = std::get_if<ObservationsFrame>(&frame)) {
    for (const auto& observation : told->observations) bytes += observation.size();
  }
  return bytes;
}

std::size_t size_as_batch(const BatchFrame& batch) {
  std::size_t bytes = kFrameOverheadBytes;
  for (const auto& event : batch.events) bytes += size_in_batch(event.size());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto frame = decode_within_bounds(bytes);
  if (!frame) return 0;
  ROSTRUM_INVARIANT(bytes_carried(*frame) <= size);
  const auto written = encode(*frame);
  // Every field is written as short as it can be, but for a negative number, of which a frame has few.
  ROSTRUM_INVARIANT(written.size() <= 2 * size + kFrameOverheadBytes);
  if (const auto* batch = std::get_if<BatchFrame>(&*frame))
    ROSTRUM_INVARIANT(written.size() <= size_as_batch(*batch));
  const auto again = decode(written);
  ROSTRUM_INVARIANT(again && again->index() == frame->index());
  ROSTRUM_INVARIANT(encode(*again) == written);
  return 0;
}
