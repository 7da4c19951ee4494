// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/migrations.hpp"

#include <map>
#include <pqxx/pqxx>
#include <stdexcept>
#include <utility>

namespace rostrum::pg {
namespace {

constexpr const char* kBookkeeping = R"(
CREATE SCHEMA IF NOT EXISTS rostrum;
COMMENT ON SCHEMA rostrum IS 'What all services share: which migrations were applied';
CREATE TABLE IF NOT EXISTS rostrum.migration (
  service    text NOT NULL,
  number     integer NOT NULL,
  title      text NOT NULL,
  digest     text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (service, number)
);
COMMENT ON TABLE rostrum.migration IS 'Migrations that were applied to this database; written by rostrum migrate alone';
COMMENT ON COLUMN rostrum.migration.service IS 'Whose schema it belongs to; roles: what all share';
COMMENT ON COLUMN rostrum.migration.number IS 'Its number among those of the service';
COMMENT ON COLUMN rostrum.migration.title IS 'What it is about';
COMMENT ON COLUMN rostrum.migration.digest IS 'SHA-256 of its text: an applied migration never changes';
COMMENT ON COLUMN rostrum.migration.applied_at IS 'When it was applied';
)";

/// "rostrum" as a number: session lock, so that it outlives the transactions of the files.
constexpr const char* kLock = "SELECT pg_advisory_lock(8245935278387129449)";
constexpr const char* kUnlock = "SELECT pg_advisory_unlock(8245935278387129449)";

class OneMigratorAtATime {
 public:
  explicit OneMigratorAtATime(pqxx::connection_base& owner) : owner_(owner) {
    // A file may take long (an index on a big table); waiting for a lock may not, for everybody else queues
    // behind us.
    pqxx::nontransaction(owner_).exec("SET statement_timeout = 0");
    pqxx::nontransaction(owner_).exec(kLock);
  }
  ~OneMigratorAtATime() {
    try {
      pqxx::nontransaction(owner_).exec(kUnlock);
    } catch (const std::exception&) {  // the session is gone, and its lock with it
    }
  }
  OneMigratorAtATime(const OneMigratorAtATime&) = delete;
  OneMigratorAtATime& operator=(const OneMigratorAtATime&) = delete;

 private:
  pqxx::connection_base& owner_;
};

using Key = std::pair<std::string, int>;

std::string name_of(const Key& key) {
  return key.first + " " + std::to_string(key.second);
}

void need_utf8(pqxx::connection_base& owner) {
  const std::string encoding = pqxx::work(owner).exec1("SHOW server_encoding")[0].c_str();
  if (encoding != "UTF8") {
    throw std::runtime_error("this database's encoding is " + encoding +
                             ", and names and texts need UTF8: make it anew with createdb --encoding=UTF8 "
                             "--template=template0");
  }
}

std::map<Key, std::string> read_applied(pqxx::connection_base& owner) {
  std::map<Key, std::string> applied;
  pqxx::work tx(owner);
  if (tx.exec1("SELECT to_regclass('rostrum.migration') IS NULL")[0].as<bool>()) return applied;
  for (const auto& row : tx.exec("SELECT service, number, digest FROM rostrum.migration")) {
    applied.emplace(Key{row[0].as<std::string>(), row[1].as<int>()}, row[2].as<std::string>());
  }
  return applied;
}

std::string digest_of(pqxx::connection_base& owner, const Migration& migration) {
  pqxx::work tx(owner);
  return tx
      .exec_params1("SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')", std::string(migration.sql))[0]
      .as<std::string>();
}

void apply(pqxx::connection_base& owner, const Migration& migration, const std::string& digest) {
  pqxx::work tx(owner);
  tx.exec(std::string(migration.sql));
  tx.exec_params("INSERT INTO rostrum.migration (service, number, title, digest) VALUES ($1, $2, $3, $4)",
                 std::string(migration.service), migration.number, std::string(migration.title), digest);
  tx.commit();
}

}  // namespace

std::vector<MigrationStep> migrate(pqxx::connection_base& owner, std::span<const Migration> migrations,
                                   bool dry_run) {
  need_utf8(owner);
  const OneMigratorAtATime lock(owner);
  auto applied = read_applied(owner);
  std::vector<std::pair<const Migration*, std::string>> missing;
  std::vector<MigrationStep> steps;
  for (const auto& migration : migrations) {
    const Key key{migration.service, migration.number};
    auto digest = digest_of(owner, migration);
    const auto known = applied.extract(key);
    if (!known.empty() && known.mapped() != digest) {
      throw std::runtime_error("migration " + name_of(key) +
                               " was applied to this database with other content");
    }
    steps.push_back({&migration, known.empty()});
    if (known.empty()) missing.emplace_back(&migration, std::move(digest));
  }
  if (!applied.empty()) {
    throw std::runtime_error("this database is newer than this program: it has migration " +
                             name_of(applied.begin()->first));
  }
  if (dry_run || missing.empty()) return steps;

  {
    pqxx::work tx(owner);
    tx.exec(kBookkeeping);
    tx.commit();
  }
  for (const auto& [migration, digest] : missing) apply(owner, *migration, digest);
  return steps;
}

}  // namespace rostrum::pg
