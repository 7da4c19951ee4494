// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/jabber/certificates.hpp"

#include <fstream>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace rostrum::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;

Key make_key() {
  return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error("OpenSSL makes no extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509Pointer make_certificate(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                             int extension, const std::string& value) {
  static long serial = 1;
  X509Pointer certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* signer = issuer != nullptr ? issuer : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  extend(certificate.get(), signer, extension, value);
  X509_sign(certificate.get(), issuer_key, EVP_sha256());
  return certificate;
}

template <class Write>
std::string pem(const Write& write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  write(memory.get());
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace

struct Authority::Keys {
  Key key = make_key();
  X509Pointer certificate = make_certificate("Test authority", key.get(), nullptr, key.get(),
                                             NID_basic_constraints, "critical,CA:TRUE");
};

Authority::Authority() : keys_(std::make_unique<Keys>()), file_("/tmp/rostrum-ca-XXXXXX") {
  const int descriptor = mkstemp(file_.data());
  if (descriptor < 0) throw std::runtime_error("no temporary file can be made");
  close(descriptor);
  std::ofstream(file_) << pem([this](BIO* to) { PEM_write_bio_X509(to, keys_->certificate.get()); });
}

Authority::~Authority() {
  unlink(file_.c_str());
}

Certificate Authority::issue(const std::string& host) const {
  const auto key = make_key();
  const auto certificate = make_certificate(host, key.get(), keys_->certificate.get(), keys_->key.get(),
                                            NID_subject_alt_name, "DNS:" + host);
  return {pem([&](BIO* to) { PEM_write_bio_X509(to, certificate.get()); }), pem([&](BIO* to) {
            PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace rostrum::test
