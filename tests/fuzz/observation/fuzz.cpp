// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever bytes a gateway sends as an observation: what is believed is of the domain and within its limits,
// what is not has a reason in words; and nothing is written on standard error.
#include <google/protobuf/stubs/logging.h>

#include "services/presence/adapters/observation_reader.hpp"
#include "tests/fuzz/support/allocation.hpp"
#include "tests/fuzz/support/input.hpp"

namespace {

using namespace rostrum;
constexpr std::string_view kDomain = "example.test";

Result<presence::Observation, presence::ReadError> read(std::string_view bytes) {
  const fuzz::AllocationMeter meter;
  auto observation = presence::read_observation(bytes, kDomain);
  ROSTRUM_INVARIANT(meter.most_bytes() <= 64 * 1024 + 256 * bytes.size());
  return observation;
}

void fail(google::protobuf::LogLevel /*level*/, const char* file, int line, const std::string& text) {
  fail_invariant(text.c_str(), file, line);
}

void hold(const presence::Observation& observation) {
  ROSTRUM_INVARIANT(!observation.age ||
                    (*observation.age > Milliseconds(0) && *observation.age <= std::chrono::hours(24 * 366)));
  if (const auto* who = presence::subject_of(observation)) {
    ROSTRUM_INVARIANT(who->jid.domain() == kDomain);
    ROSTRUM_INVARIANT(Jid::parse(who->jid.text()).value() == who->jid);
    ROSTRUM_INVARIANT(presence::Resource::parse(who->resource.text()).ok());
  }
  if (const auto* available = std::get_if<presence::Available>(&observation.what))
    ROSTRUM_INVARIANT(presence::Status::parse(available->appearance.status.text()).ok());
  if (const auto* lost = std::get_if<presence::ViewLost>(&observation.what))
    ROSTRUM_INVARIANT(!check_text(lost->reason, {.max_bytes = 128, .one_line = true}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  google::protobuf::SetLogHandler(fail);
  const auto observation = read(fuzz::text_of(data, size));
  if (observation) {
    hold(observation.value());
  } else {
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(observation.error().text, 256));
  }
  return 0;
}
