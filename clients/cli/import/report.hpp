// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "clients/cli/import/checked_reader.hpp"
#include "clients/cli/import/progress_file.hpp"
#include "clients/cli/session.hpp"

namespace rostrum::cli::importing {

/// "1 row", "2 rows".
[[nodiscard]] std::string counted(std::size_t count, const std::string& thing);

/// The first of the remarks, each with file and line, and how many more there are of `all`.
void print_remarks(Session& session, const std::string& file, const std::vector<Remark>& remarks,
                   std::size_t all);

/// What a file holds and would state; or with --json the object.
void print_survey(Session& session, const std::string& file, const Survey& found);

/// An import that has come to its end.
struct Imported {
  std::string file;
  std::string rejected_file;
  Place place;
  std::size_t rows_before;  ///< that an earlier run had imported
  double seconds;           ///< of this run
};

/// What became of it, and what to do about the rest; or with --json the object.
void print_imported(Session& session, const Imported& imported, const std::vector<Remark>& remarks);

/// Names those of the groups that no site has stated yet, where the database can be asked: a member may
/// belong to one, but an announcement to it reaches nobody.
void hint_at_groups(Session& session, const std::set<std::string>& groups);

}  // namespace rostrum::cli::importing
