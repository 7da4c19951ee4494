// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/report.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/output.hpp"
#include "clients/cli/views.hpp"
#include "common/base/text.hpp"

namespace rostrum::cli::importing {

namespace {

constexpr std::size_t kShownRemarks = 20;
constexpr std::size_t kShownGroups = 20;
constexpr std::size_t kLongestNameBytes = 256;

std::string shown(const std::string& name) {
  return printable(name, kLongestNameBytes);
}

Json to_json(const std::vector<Remark>& remarks) {
  Json list = Json::array();
  for (const auto& remark : remarks) list.push_back({{"line", remark.line}, {"text", remark.text}});
  return list;
}

/// Those of the groups that no site has stated yet; nothing where the database cannot be asked.
std::optional<std::vector<std::string>> unstated(Session& session, const std::set<std::string>& groups) {
  try {
    if (session.settings().database.empty()) return std::nullopt;
    const Json stated = Views(session).select("SELECT to_json(group_id) FROM directory.groups", {});
    std::vector<std::string> missing;
    for (const auto& group : groups) {
      if (std::find(stated.begin(), stated.end(), Json(group)) == stated.end()) missing.push_back(group);
    }
    return missing;
  } catch (const Failure&) {  // a hint only
    return std::nullopt;
  }
}

std::string summary(const Imported& imported) {
  const auto& place = imported.place;
  const auto now = place.rows - imported.rows_before;
  std::string text = shown(imported.file) + ": " + counted(place.rows, "row") + ": " +
                     std::to_string(place.accepted) + " accepted, " + std::to_string(place.rejected) +
                     " rejected";
  if (imported.rows_before > 0) text += "; " + std::to_string(now) + " of them now";
  if (imported.seconds < 1) return text;
  char pace[64];
  (void)std::snprintf(pace, sizeof pace, " (%.1f s, %.0f/s)", imported.seconds,
                      static_cast<double>(now) / imported.seconds);
  return text + pace;
}

Json to_json(const Imported& imported, const std::vector<Remark>& remarks) {
  const auto& place = imported.place;
  return {{"file", imported.file},
          {"rows", place.rows},
          {"accepted", place.accepted},
          {"rejected", place.rejected},
          {"rows_before", imported.rows_before},
          {"seconds", imported.seconds},
          {"rejected_file", place.rejected > 0 ? Json(imported.rejected_file) : Json()},
          {"reasons", to_json(remarks)}};
}

Json to_json(const std::string& file, const Survey& found) {
  return {{"file", file},
          {"rows", found.rows},
          {"good", found.rows - found.bad},
          {"bad", found.bad},
          {"with_password", found.with_password},
          {"groups", found.groups},
          {"readable", found.readable},
          {"mistakes", to_json(found.mistakes)}};
}

}  // namespace

std::string counted(std::size_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

void print_remarks(Session& session, const std::string& file, const std::vector<Remark>& remarks,
                   std::size_t all) {
  const std::size_t count = std::min(remarks.size(), kShownRemarks);
  for (std::size_t i = 0; i < count; ++i) {
    session.err << "rostrum: " << shown(file) << ':' << remarks[i].line << ": "
                << printable(remarks[i].text, 600) << '\n';
  }
  if (all > count) session.err << "rostrum: … and " << all - count << " more\n";
}

void print_survey(Session& session, const std::string& file, const Survey& found) {
  if (session.json) return print_json(session, to_json(file, found));
  const auto good = found.rows - found.bad;
  print_remarks(session, file, found.mistakes, found.bad);
  session.out
      << shown(file) << ": " << counted(found.rows, "row") << ", " << good << " good, " << found.bad
      << " with mistakes\n"
      << "would state " << counted(good, "member") << " in " << counted(found.groups.size(), "group") << ", "
      << found.with_password << " of them with a password; nothing was sent\n"
      << "only registration knows whether a JID is free and its domain is served, and who is new and needs a "
         "password\n";
  hint_at_groups(session, found.groups);
}

void print_imported(Session& session, const Imported& imported, const std::vector<Remark>& remarks) {
  if (session.json) return print_json(session, to_json(imported, remarks));
  const auto& place = imported.place;
  print_remarks(session, imported.file, remarks, place.rejected);
  session.out << summary(imported) << '\n';
  if (place.rejected > 0) {
    session.out << "the rejected rows are in " << shown(imported.rejected_file)
                << " with their reasons; mend them there and import that file\n";
  }
  if (place.accepted > 0)
    session.out
        << "the accounts are made now; `rostrum member list --state dead` shows those that cannot be\n";
}

void hint_at_groups(Session& session, const std::set<std::string>& groups) {
  const auto missing = unstated(session, groups);
  if (!missing || missing->empty()) return;
  session.out
      << "not stated yet, so that announcements to them reach nobody (`rostrum group add ID --title TITLE`):";
  for (std::size_t i = 0; i < std::min(missing->size(), kShownGroups); ++i)
    session.out << (i == 0 ? " " : ", ") << shown((*missing)[i]);
  session.out << (missing->size() > kShownGroups ? ", …\n" : "\n");
}

}  // namespace rostrum::cli::importing
