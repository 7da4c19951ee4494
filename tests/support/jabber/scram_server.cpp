// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/jabber/scram_server.hpp"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

namespace rostrum::test {
namespace {

constexpr int kIterations = 4'096;
constexpr std::string_view kSalt = "salt of the test";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string encode(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string decode(std::string_view text) {
  std::string bytes(text.size(), '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                                     static_cast<int>(text.size()));
  const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
  bytes.resize(length < 0 ? 0 : static_cast<std::size_t>(length) - padding);
  return bytes;
}

std::string hmac(std::string_view key, std::string_view text) {
  std::string result(SHA_DIGEST_LENGTH, '\0');
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
       reinterpret_cast<unsigned char*>(result.data()), nullptr);
  return result;
}

std::string sha1(std::string_view text) {
  std::string result(SHA_DIGEST_LENGTH, '\0');
  SHA1(bytes_of(text), text.size(), reinterpret_cast<unsigned char*>(result.data()));
  return result;
}

std::string salted(std::string_view password) {
  std::string result(SHA_DIGEST_LENGTH, '\0');
  PKCS5_PBKDF2_HMAC_SHA1(password.data(), static_cast<int>(password.size()), bytes_of(kSalt),
                         static_cast<int>(kSalt.size()), kIterations, SHA_DIGEST_LENGTH,
                         reinterpret_cast<unsigned char*>(result.data()));
  return result;
}

}  // namespace

std::string ScramServer::challenge(const std::string& client_first) {
  const auto message = decode(client_first);
  client_first_bare_ = message.substr(message.find("n=", message.find(",,") + 2));
  const auto nonce = client_first_bare_.substr(client_first_bare_.find(",r=") + 3);
  server_first_ = "r=" + nonce + "server,s=" + encode(kSalt) + ",i=" + std::to_string(kIterations);
  return encode(server_first_);
}

std::string ScramServer::success(const std::string& client_final) {
  const auto message = decode(client_final);
  const auto proof_at = message.find(",p=");
  const auto authentication = client_first_bare_ + "," + server_first_ + "," + message.substr(0, proof_at);
  const auto key = salted(password_);
  const auto stored = sha1(hmac(key, "Client Key"));
  auto client_key = decode(message.substr(proof_at + 3));
  const auto signature = hmac(stored, authentication);
  for (std::size_t i = 0; i < client_key.size(); ++i)
    client_key[i] = static_cast<char>(client_key[i] ^ signature[i]);
  if (sha1(client_key) != stored) return {};
  return encode("v=" + encode(hmac(hmac(key, "Server Key"), authentication)));
}

}  // namespace rostrum::test
