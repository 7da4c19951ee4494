// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/source.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <sodium.h>

#include "clients/cli/exit_code.hpp"

namespace rostrum::cli::importing {

namespace {

constexpr std::uintmax_t kLargestBytes = std::uintmax_t{512} * 1024 * 1024;

Failure failure(const std::string& path, const std::string& why) {
  return {ExitCode::kUsage, path + ": " + why};
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Secret read_file(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw failure(path, "cannot be read: " + error.message());
  if (size > kLargestBytes) throw failure(path, "larger than 512 MiB; split it");
  std::ifstream file(path, std::ios::binary);
  std::string text(size, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(size)))
    throw failure(path, "cannot be read: " + std::generic_category().message(errno));
  return Secret(std::move(text));
}

std::string digest_of(const std::vector<std::string_view>& texts) {
  crypto_generichash_state state;
  std::array<unsigned char, crypto_generichash_BYTES_MIN> digest{};
  crypto_generichash_init(&state, nullptr, 0, digest.size());
  for (const auto& text : texts) {
    const std::string length = std::to_string(text.size()) + ':';  // so that "ab","c" is not "a","bc"
    crypto_generichash_update(&state, bytes_of(length), length.size());
    crypto_generichash_update(&state, bytes_of(text), text.size());
  }
  crypto_generichash_final(&state, digest.data(), digest.size());
  std::string hex(2 * digest.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  hex.pop_back();
  return hex;
}

}  // namespace rostrum::cli::importing
