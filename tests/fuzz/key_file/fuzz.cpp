// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever stands in a key file, and whatever comes as a sealed password: a key is read only from a file that
// says just that, mistakes show nothing of a secret, and what is sealed is opened by its own key and no
// other.
#include "common/base/result.hpp"
#include "common/bus/keys.hpp"
#include "tests/fuzz/support/input.hpp"
#include "tests/fuzz/support/scratch_file.hpp"

namespace {

using namespace rostrum;

std::string_view line_of(std::string_view content) {
  while (content.ends_with('\n') || content.ends_with('\r')) content.remove_suffix(1);
  return content;
}

/// Says the same whatever stands there; the file's path is the same for each file in memory that follows
/// another.
void hold_error(const bus::KeyFileError& error, const bus::KeyFileError& of_no_key) {
  ROSTRUM_INVARIANT(fuzz::is_line_for_people(error.text, 512));
  ROSTRUM_INVARIANT(error.text == of_no_key.text);
}

void read(std::string_view content) {
  const auto read_public = bus::read_public_key(fuzz::ScratchFile(content).path());
  const auto read_secret = bus::read_secret_key(fuzz::ScratchFile(content).path());
  ROSTRUM_INVARIANT(!bus::read_secret_key(fuzz::ScratchFile(content, 0640).path()));
  if (read_public) ROSTRUM_INVARIANT(read_public.value().z85() == line_of(content));
  if (read_secret) ROSTRUM_INVARIANT(read_secret.value().secret_key.reveal() == line_of(content));
  if (!read_public)
    hold_error(read_public.error(), bus::read_public_key(fuzz::ScratchFile("x").path()).error());
  if (!read_secret)
    hold_error(read_secret.error(), bus::read_secret_key(fuzz::ScratchFile("x").path()).error());
}

void seal(std::string_view content) {
  static const auto own = bus::make_key_pair();
  static const auto other = bus::make_key_pair();
  const auto opened = bus::open_sealed(content, own);
  if (opened) ROSTRUM_INVARIANT(opened->reveal().size() + 48 == content.size());  // crypto_box_SEALBYTES
  if (content.size() > 64) return;                                                // some 100 us each
  const auto sealed = bus::seal(content, own.public_key);
  ROSTRUM_INVARIANT(bus::open_sealed(sealed, own)->reveal() == content);
  ROSTRUM_INVARIANT(!bus::open_sealed(sealed, other));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto content = fuzz::text_of(data, size);
  read(content);
  seal(content);
  return 0;
}
