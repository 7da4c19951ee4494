// SPDX-License-Identifier: Apache-2.0
#include "common/bus/keys.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

namespace rostrum::bus {

namespace {

constexpr std::size_t kZ85Characters = 40;
constexpr std::size_t kKeyBytes = 32;
using KeyBytes = std::array<unsigned char, kKeyBytes>;
using Z85Text = std::array<char, kZ85Characters + 1>;

std::optional<KeyBytes> decode_z85(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  if (text.size() != kZ85Characters || text.find_first_not_of(kAlphabet) != std::string_view::npos)
    return std::nullopt;
  KeyBytes bytes;
  if (zmq_z85_decode(bytes.data(), std::string(text).c_str()) == nullptr) return std::nullopt;
  return bytes;
}

KeyBytes bytes_of(const PublicKey& key) {
  const auto bytes = decode_z85(key.z85());
  ROSTRUM_INVARIANT(bytes.has_value());
  return *bytes;
}

std::string error_text(int error) {
  return std::generic_category().message(error);
}

/// A descriptor that closes itself.
class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] bool ok() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// The one line of a key file, without its end; wrong lengths come out as they are and fail to parse.
std::string read_line(const File& file) {
  std::array<char, 256> buffer{};
  const ssize_t size = ::read(file.descriptor(), buffer.data(), buffer.size());
  std::string line(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  sodium_memzero(buffer.data(), buffer.size());
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

std::optional<KeyFileError> write_line(const std::string& path, mode_t mode, std::string_view line) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!file.ok()) {
    if (errno == EEXIST)
      return KeyFileError{path + ": exists already; move it away first if it is not needed: mv " + path +
                          " " + path + ".old"};
    return KeyFileError{path + ": cannot be written: " + error_text(errno)};
  }
  std::string text(line);
  text += '\n';
  const ssize_t written = ::write(file.descriptor(), text.data(), text.size());
  const bool complete = written == static_cast<ssize_t>(text.size()) && ::fsync(file.descriptor()) == 0;
  sodium_memzero(text.data(), text.size());
  if (!complete) return KeyFileError{path + ": could not be written whole: " + error_text(errno)};
  return std::nullopt;
}

}  // namespace

std::optional<PublicKey> PublicKey::parse(std::string_view z85) {
  if (!decode_z85(z85)) return std::nullopt;
  return PublicKey(std::string(z85));
}

KeyPair make_key_pair() {
  Z85Text public_text{};
  Z85Text secret_text{};
  ROSTRUM_INVARIANT(zmq_curve_keypair(public_text.data(), secret_text.data()) == 0);
  KeyPair pair{*PublicKey::parse(public_text.data()), Secret(secret_text.data())};
  sodium_memzero(secret_text.data(), secret_text.size());
  return pair;
}

std::optional<KeyPair> pair_of(Secret secret_key) {
  if (auto bytes = decode_z85(secret_key.reveal()); !bytes)
    return std::nullopt;
  else
    sodium_memzero(bytes->data(), bytes->size());
  Z85Text public_text{};
  Z85Text secret_text{};
  secret_key.reveal().copy(secret_text.data(), kZ85Characters);
  const int derived = zmq_curve_public(public_text.data(), secret_text.data());
  sodium_memzero(secret_text.data(), secret_text.size());
  if (derived != 0) return std::nullopt;
  return KeyPair{*PublicKey::parse(public_text.data()), std::move(secret_key)};
}

Result<KeyPair, KeyFileError> read_secret_key(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return KeyFileError{path + ": cannot be read: " + error_text(errno)};
  struct stat about {};
  if (::fstat(file.descriptor(), &about) != 0 || !S_ISREG(about.st_mode))
    return KeyFileError{path + ": not a file"};
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return KeyFileError{path + ": others may read or write this secret key; mend it: chmod 600 " + path};
  auto pair = pair_of(Secret(read_line(file)));
  if (!pair)
    return KeyFileError{path +
                        ": not a secret key (one line of 40 characters of Z85); make one: rostrum keygen"};
  return std::move(*pair);
}

Result<PublicKey, KeyFileError> read_public_key(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return KeyFileError{path + ": cannot be read: " + error_text(errno)};
  auto key = PublicKey::parse(read_line(file));
  if (!key)
    return KeyFileError{path +
                        ": not a public key (one line of 40 characters of Z85); make one: rostrum keygen"};
  return std::move(*key);
}

std::optional<KeyFileError> write_key_pair(const std::string& stem, const KeyPair& pair) {
  if (auto error = write_line(stem + ".secret", 0600, pair.secret_key.reveal())) return error;
  return write_line(stem + ".public", 0644, pair.public_key.z85());
}

std::string seal(std::string_view plain, const PublicKey& to) {
  const KeyBytes key = bytes_of(to);
  std::string sealed(plain.size() + crypto_box_SEALBYTES, '\0');
  const int result =
      crypto_box_seal(reinterpret_cast<unsigned char*>(sealed.data()),
                      reinterpret_cast<const unsigned char*>(plain.data()), plain.size(), key.data());
  ROSTRUM_INVARIANT(result == 0);
  return sealed;
}

std::optional<Secret> open_sealed(std::string_view sealed, const KeyPair& own) {
  if (sealed.size() < crypto_box_SEALBYTES) return std::nullopt;
  const KeyBytes public_key = bytes_of(own.public_key);
  auto secret_key = decode_z85(own.secret_key.reveal());
  ROSTRUM_INVARIANT(secret_key.has_value());
  std::string plain(sealed.size() - crypto_box_SEALBYTES, '\0');
  const int result = crypto_box_seal_open(reinterpret_cast<unsigned char*>(plain.data()),
                                          reinterpret_cast<const unsigned char*>(sealed.data()),
                                          sealed.size(), public_key.data(), secret_key->data());
  sodium_memzero(secret_key->data(), secret_key->size());
  if (result != 0) return std::nullopt;
  return Secret(std::move(plain));
}

}  // namespace rostrum::bus
