// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/connect.hpp"

#include <array>
#include <pqxx/pqxx>
#include <set>
#include <stdexcept>
#include <utility>

#include <libpq-fe.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// libpqxx 6.4's exec() drops libpq's result unfreed when it finds the connection broken: 2 kB per lost
// connection, not ours to mend.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the name that LeakSanitizer looks for
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libpqxx-6.4.so";
}
#endif
#endif

namespace rostrum::pg {
namespace {

// A dead peer is noticed within about 25 s when idle and 10 s when sending; a standby is never taken for the
// primary.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kDefaults{
    {{"connect_timeout", "5"},
     {"keepalives", "1"},
     {"keepalives_idle", "10"},
     {"keepalives_interval", "5"},
     {"keepalives_count", "3"},
     {"tcp_user_timeout", "10000"},
     {"target_session_attrs", "read-write"},
     {"client_encoding", "UTF8"}}};

// No compiling of statements: it takes seconds where the views of 100,000 members take one. A process that
// stands still or is cut off in the middle of a transaction has its locks taken away after 5 s: another
// instance waits for them.
constexpr const char* kSession =
    "SET synchronous_commit = on; SET jit = off; SET statement_timeout = '20s'; SET lock_timeout = '10s'; "
    "SET idle_in_transaction_session_timeout = '5s'; SET TimeZone = 'UTC'; SET search_path = pg_catalog; "
    "SET bytea_output = 'hex'; SET default_transaction_isolation = 'read committed'";

// A plan that was made while a table was small is kept when it has grown: it must not read the table whole.
constexpr const char* kIndexesOnly = "SET enable_seqscan = off";

void append(std::string& conninfo, std::string_view keyword, std::string_view value) {
  if (!conninfo.empty()) conninfo += ' ';
  conninfo += keyword;
  conninfo += "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo += '\\';
    conninfo += c;
  }
  conninfo += '\'';
}

}  // namespace

Secret complete_conninfo(const Settings& settings, std::string_view application_name) {
  char* raw_error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(settings.conninfo.c_str(), &raw_error), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> error(raw_error, &PQfreemem);
  if (!options) throw std::runtime_error(error ? error.get() : "out of memory");

  std::string complete;
  std::set<std::string_view> named;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    named.insert(option->keyword);
    append(complete, option->keyword, option->val);
  }
  for (const auto& [keyword, value] : kDefaults) {
    if (!named.contains(keyword)) append(complete, keyword, value);
  }
  if (!named.contains("application_name")) append(complete, "application_name", application_name);
  if (!settings.password.empty()) append(complete, "password", settings.password.reveal());
  return Secret(std::move(complete));
}

std::shared_ptr<pqxx::connection_base> connect(const Secret& complete_conninfo, bool keeps_plans) {
  auto connection = std::make_shared<pqxx::connection>(std::string(complete_conninfo.reveal()));
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  connection->inhibit_reactivation(
      true);  // a silent reconnect would lose the settings below and half a transaction
#pragma clang diagnostic pop
  connection->set_verbosity(pqxx::connection_base::terse);
  pqxx::nontransaction session(*connection);
  session.exec(kSession);
  if (keeps_plans) session.exec(kIndexesOnly);
  session.commit();
  return connection;
}

}  // namespace rostrum::pg
