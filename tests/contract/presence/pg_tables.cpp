// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/presence/pg_tables.hpp"

#include <pqxx/pqxx>

#include "services/presence/adapters/moments.hpp"
#include "services/presence/adapters/words.hpp"
#include "tests/support/presence/told.hpp"

namespace rostrum::presence::test {

namespace {

#define MS(moment) "(date_part('epoch', " moment ") * 1000)::bigint"

ResourceKey key_of(const pqxx::field& jid, const pqxx::field& resource) {
  return {Jid::parse(jid.c_str()).value(), Resource::parse(resource.c_str()).value()};
}

Appearance appearance_of(const pqxx::field& show, const pqxx::field& priority, const pqxx::field& status) {
  return appearance(show_of(show.c_str()), priority.as<int>(), status.c_str());
}

Ending ending_of(std::string_view text) {
  for (const auto ending : {Ending::kLeft, Ending::kDropped, Ending::kUnseen}) {
    if (text == word(ending)) return ending;
  }
  throw std::runtime_error("unknown ending");
}

void read_leases(pqxx::work& tx, Tables& tables) {
  for (const auto& row : tx.exec("SELECT domain, owner, token, epoch, " MS("valid_until") ", " MS(
           "heard_at") ", last_sequence, snapshot, " MS("whole_since") ", " MS("covered_until") ", swept, "
                                                                                                "last_change "
                                                                                                "FROM "
                                                                                                "presence."
                                                                                                "lease")) {
    tables.leases[row[0].c_str()] = {.owner = row[1].c_str(),
                                     .token = *Uuid::parse(row[2].c_str()),
                                     .epoch = row[3].as<std::int64_t>(),
                                     .valid_until = moment_of(row[4]),
                                     .heard_at = moment_of(row[5]),
                                     .last_sequence = row[6].as<std::int64_t>(),
                                     .snapshot = row[7].as<std::int64_t>(),
                                     .whole_since = maybe_moment_of(row[8]),
                                     .covered_until = maybe_moment_of(row[9]),
                                     .swept = row[10].as<bool>(),
                                     .last_change = row[11].as<std::int64_t>()};
  }
}

void read_online(pqxx::work& tx, Tables& tables) {
  for (const auto& row : tx.exec("SELECT jid, resource, show, priority, status, " MS("since") ", " MS(
           "session_began_at") ", uncertain, epoch, snapshot FROM presence.resource")) {
    const auto who = key_of(row[0], row[1]);
    tables.online.emplace(who, Online{who,
                                      appearance_of(row[2], row[3], row[4]),
                                      moment_of(row[5]),
                                      moment_of(row[6]),
                                      row[7].as<bool>(),
                                      {row[8].as<std::int64_t>(), row[9].as<std::int64_t>()}});
  }
}

void read_coverage(pqxx::work& tx, Tables& tables) {
  for (const auto& row : tx.exec("SELECT domain, epoch, snapshot, " MS("began_at") ", " MS(
           "ended_at") ", reason FROM presence.coverage")) {
    const Mark mark{row[1].as<std::int64_t>(), row[2].as<std::int64_t>()};
    tables.coverage.emplace(std::pair(row[0].c_str(), mark),
                            Coverage{mark, moment_of(row[3]), maybe_moment_of(row[4]), row[5].c_str()});
  }
}

void read_history(pqxx::work& tx, Tables& tables) {
  for (const auto& row :
       tx.exec("SELECT change, " MS("at") ", jid, resource, show, priority, status, ending, uncertain "
                                          "FROM presence.transition ORDER BY domain, change")) {
    std::variant<Appearance, Ending> to = Ending::kLeft;
    if (row[4].is_null()) {
      to = ending_of(row[7].c_str());
    } else {
      to = appearance_of(row[4], row[5], row[6]);
    }
    tables.transitions.push_back(
        {row[0].as<std::int64_t>(), moment_of(row[1]), key_of(row[2], row[3]), to, row[8].as<bool>()});
  }
  for (const auto& row : tx.exec("SELECT change, jid, resource, " MS("began_at") ", " MS(
           "ended_at") ", ending, uncertain FROM presence.session ORDER BY domain, change")) {
    tables.sessions.push_back({row[0].as<std::int64_t>(), key_of(row[1], row[2]), moment_of(row[3]),
                               moment_of(row[4]), ending_of(row[5].c_str()), row[6].as<bool>()});
  }
  for (const auto& row : tx.exec("SELECT jid, " MS("at") ", uncertain FROM presence.seen")) {
    const auto jid = Jid::parse(row[0].c_str()).value();
    tables.seen.emplace(jid, Seen{jid, moment_of(row[1]), row[2].as<bool>()});
  }
}

}  // namespace

Tables read_tables(const rostrum::test::Database& database) {
  const auto connection = database.connect("postgres");
  pqxx::work tx(*connection);
  Tables tables;
  read_leases(tx, tables);
  read_online(tx, tables);
  read_coverage(tx, tables);
  read_history(tx, tables);
  return tables;
}

}  // namespace rostrum::presence::test
