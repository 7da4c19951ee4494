// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/dead/operation.hpp"

#include <algorithm>
#include <pqxx/pqxx>

#include <pwd.h>
#include <unistd.h>

#include "clients/cli/interruption.hpp"
#include "clients/cli/progress_line.hpp"
#include "common/base/text.hpp"
#include "common/pg/array.hpp"

namespace rostrum::cli::dead {

namespace {

constexpr std::size_t kPortion = 1'000;
constexpr std::size_t kLongestReasonBytes = 512;

constexpr const char* kReplayAccounts =
    "SELECT outcome, count(*) FROM registration.replay_dead_letters($1::uuid[]) GROUP BY outcome";
constexpr const char* kReplayDeliveries =
    "SELECT outcome, count(*) FROM notification.replay_dead_letters($1::uuid[], nullif($2, '')::interval) "
    "GROUP BY "
    "outcome";
constexpr const char* kDropAccounts =
    "SELECT outcome, count(*) FROM registration.drop_dead_letters($1::uuid[], $2) GROUP BY outcome";
constexpr const char* kDropDeliveries =
    "SELECT outcome, count(*) FROM notification.drop_dead_letters($1::uuid[], $2) GROUP BY outcome";

/// Who is told to have dropped it.
std::string operator_name() {
  const auto* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? std::to_string(::geteuid()) : std::string(entry->pw_name);
}

pqxx::result call(pqxx::transaction_base& tx, const Operation& operation, const std::string& service,
                  const std::string& ids) {
  const bool accounts = service == "registration";
  if (operation.kind == Operation::Kind::kDrop)
    return tx.exec_params(accounts ? kDropAccounts : kDropDeliveries, ids, operator_name());
  return accounts ? tx.exec_params(kReplayAccounts, ids)
                  : tx.exec_params(kReplayDeliveries, ids, operation.extend_by);
}

/// One portion, of one service.
void carry_out_portion(pqxx::connection_base& on, const Operation& operation, const std::string& service,
                       const std::string& ids, Outcomes& outcomes) {
  pqxx::work tx(on);
  const auto result = call(tx, operation, service, ids);
  tx.commit();
  for (const auto& row : result) outcomes[row[0].c_str()] += row[1].as<std::size_t>();
}

std::string done_so_far(std::size_t done) {
  return std::to_string(done) + " were done; the same command again goes on";
}

}  // namespace

Outcomes carry_out(Session& session, const Operation& operation, const std::vector<Letter>& letters) {
  const auto connection = open_database(session.settings().operator_database, "operator_database");
  const Interruption interruption;
  ProgressLine line(session.err);
  Outcomes outcomes;
  std::size_t done = 0;
  try {
    while (done < letters.size() && !interruption.asked()) {
      line.show(progress_bar(done, letters.size()) + "  " + std::to_string(done) + " of " +
                std::to_string(letters.size()));
      const std::string& service = letters[done].service;
      pg::Array ids;
      std::size_t end = done;
      for (; end < letters.size() && end - done < kPortion && letters[end].service == service; ++end)
        ids.add(letters[end].id);
      carry_out_portion(*connection, operation, service, ids.text(), outcomes);
      done = end;
    }
  } catch (const pqxx::sql_error& error) {
    throw Failure{
        error.sqlstate().starts_with("57P") ? ExitCode::kUnreachable : ExitCode::kFailed,
        "the database refused: " + printable(error.what(), kLongestReasonBytes) + "\n" + done_so_far(done)};
  } catch (const pqxx::failure& error) {
    throw Failure{ExitCode::kUnreachable,
                  "the connection to the database was lost: " + printable(error.what(), kLongestReasonBytes) +
                      "\n" + done_so_far(done)};
  }
  line.clear();
  if (done < letters.size()) session.err << "interrupted: " << done_so_far(done) << '\n';
  return outcomes;
}

}  // namespace rostrum::cli::dead
