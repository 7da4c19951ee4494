// SPDX-License-Identifier: GPL-3.0-or-later
// rostrum-bench-write-presence CONNINFO DOMAIN MEMBERS: the baseline. Writes each change as the presence
// service must at least: the resource's row, and a row of the indexed history; no link, no lease, no look at
// what is there; one connection, synchronous commit.
//   batch COUNT   so many changes, 500 a transaction, by `unnest`; MEMBERS is 500 at least
//   lone COUNT    so many changes, each committed by itself
#include "common/pg/array.hpp"
#include "tests/bench/tools/crowd.hpp"
#include "tests/bench/tools/database.hpp"
#include "tests/bench/tools/obey.hpp"

namespace {

using namespace rostrum;
using namespace rostrum::bench;
constexpr std::size_t kBatch = 500;
constexpr const char* kShows[] = {"online", "chat", "away", "xa", "dnd"};

constexpr const char* kUpsert =
    "INSERT INTO presence.resource (domain, jid, resource, show, priority, status, since, session_began_at,"
    "  uncertain, epoch, snapshot) "
    "SELECT $1, jid, resource, show, priority, status, now(), now(), false, 1, 1 "
    "FROM unnest($2::text[], $3::text[], $4::presence.show[], $5::smallint[], $6::text[])"
    "  AS one (jid, resource, show, priority, status) "
    "ON CONFLICT (jid, resource) DO UPDATE SET show = EXCLUDED.show, priority = EXCLUDED.priority,"
    "  status = EXCLUDED.status, since = EXCLUDED.since";
constexpr const char* kHistory =
    "INSERT INTO presence.transition (domain, epoch, change, at, jid, resource, show, priority, status,"
    "  uncertain) "
    "SELECT $1, 1, change, now(), jid, resource, show, priority, status, false "
    "FROM unnest($2::text[], $3::text[], $4::presence.show[], $5::smallint[], $6::text[], $7::bigint[])"
    "  AS one (jid, resource, show, priority, status, change)";

class Baseline {
 public:
  Baseline(const char* conninfo, std::string domain, std::size_t members)
      : database_(conninfo), domain_(std::move(domain)), members_(members) {}

  Answer batch(const Words& words) { return write(std::stoul(words.at(0)), kBatch); }
  Answer lone(const Words& words) { return write(std::stoul(words.at(0)), 1); }

 private:
  Answer write(std::size_t count, std::size_t at_once) {
    const auto began = now();
    for (std::size_t done = 0; done < count; done += at_once) commit(std::min(at_once, count - done));
    const auto took = now() - began;
    return {{"seconds", took.count()}, {"per_second", static_cast<double>(count) / took.count()}};
  }

  void commit(std::size_t count) {
    pg::Array jids, resources, shows, priorities, statuses, changes;
    for (std::size_t i = 0; i < count; ++i) {
      const auto one = presence_of(domain_, members_, change_);
      jids.add(one.jid);
      resources.add(one.resource);
      shows.add(kShows[one.show]);
      priorities.add(std::int64_t{one.priority});
      statuses.add(one.status);
      changes.add(static_cast<std::int64_t>(++change_));
    }
    std::vector<std::string> columns{domain_,      jids.text(),       resources.text(),
                                     shows.text(), priorities.text(), statuses.text()};
    database_.run("BEGIN");
    database_.run(kUpsert, columns);
    columns.push_back(changes.text());
    database_.run(kHistory, columns);
    database_.run("COMMIT");
  }

  Database database_;
  const std::string domain_;
  const std::size_t members_;
  std::size_t change_ = 0;
};

}  // namespace

int main(int, char** argv) {
  Baseline baseline(argv[1], argv[2], std::stoul(argv[3]));
  return obey({{"batch", [&](const Words& words) { return baseline.batch(words); }},
               {"lone", [&](const Words& words) { return baseline.lone(words); }}});
}
