// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/base/secret.hpp"

namespace rostrum::bus {

/// A CURVE25519 public key as 40 characters of Z85 (ZeroMQ RFC 32).
class PublicKey {
 public:
  [[nodiscard]] static std::optional<PublicKey> parse(std::string_view z85);
  [[nodiscard]] const std::string& z85() const { return z85_; }
  auto operator<=>(const PublicKey&) const = default;

 private:
  explicit PublicKey(std::string z85) : z85_(std::move(z85)) {}
  std::string z85_;
};

/// A key pair of one process; the secret half never leaves it.
struct KeyPair {
  PublicKey public_key;
  Secret secret_key;  ///< 40 characters of Z85
  [[nodiscard]] KeyPair duplicate() const { return {public_key, secret_key.duplicate()}; }
};

/// A new pair from the system's randomness.
[[nodiscard]] KeyPair make_key_pair();
/// The pair that belongs to a secret key (its public half is derived).
[[nodiscard]] std::optional<KeyPair> pair_of(Secret secret_key);

/// What is wrong with a key file: the path, the reason and the command that mends it.
struct KeyFileError {
  std::string text;
};
/// Reads `<name>.secret`: one line of Z85; refused when anybody but the owner can read it.
[[nodiscard]] Result<KeyPair, KeyFileError> read_secret_key(const std::string& path);
/// Reads `<name>.public`: one line of Z85.
[[nodiscard]] Result<PublicKey, KeyFileError> read_public_key(const std::string& path);
/// Writes `<stem>.secret` (mode 0600) and `<stem>.public`; refuses to overwrite.
[[nodiscard]] std::optional<KeyFileError> write_key_pair(const std::string& stem, const KeyPair& pair);

/// Seals bytes so that only the holder of the secret key can open them, and nobody can tell who sealed
/// (libsodium crypto_box_seal over the same X25519 keys). Adds 48 bytes.
[[nodiscard]] std::string seal(std::string_view plain, const PublicKey& to);
/// Opens what seal() made for this pair; nothing when it was made for another or was changed.
[[nodiscard]] std::optional<Secret> open_sealed(std::string_view sealed, const KeyPair& own);

}  // namespace rostrum::bus
