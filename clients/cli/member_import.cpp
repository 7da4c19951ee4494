// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/duration.hpp"
#include "clients/cli/import/carrier.hpp"
#include "clients/cli/import/source.hpp"
#include "clients/cli/moment.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/views.hpp"
#include "common/base/text.hpp"
#include "common/bus/keys.hpp"

namespace rostrum::cli {

namespace {

using import::Carrier;
using import::End;
using import::Place;
using import::Remark;
using import::Survey;

constexpr std::size_t kShownRemarks = 20;
constexpr std::size_t kShownGroups = 20;

struct Options {
  std::string file;
  std::string format;
  bool dry_run = false;
  bool skip_bad = false;
  bool restart = false;
  std::uint64_t revision = 0;
  std::string timeout = "30s";
};

import::Format format_of(const Options& options){
    if (const auto format = import::format_of(options.format, options.file)) return *format;
throw Failure{ExitCode::kUsage, options.file + ": is it CSV or JSON Lines? --format csv or --format jsonl"};
}  // namespace

/// "members.rejected.csv", so that its name tells its format too.
std::string rejected_path(const std::string& file) {
  std::filesystem::path path(file);
  const std::string extension = path.extension().string();
  return path.replace_extension(".rejected" + extension).string();
}

/// "1 row", "2 rows".
std::string counted(std::size_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string rows(std::size_t count) {
  return counted(count, "row");
}

void print_remarks(Session& session, const Options& options, const std::vector<Remark>& remarks,
                   std::size_t all) {
  const std::size_t shown = std::min(remarks.size(), kShownRemarks);
  for (std::size_t i = 0; i < shown; ++i) {
    session.err << "rostrum: " << printable(options.file, 256) << ':' << remarks[i].line << ": "
                << printable(remarks[i].text, 600) << '\n';
  }
  if (all > shown) session.err << "rostrum: … and " << all - shown << " more\n";
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

/// A member's groups may be stated later; but an announcement to one that is not reaches nobody.
void hint_at_groups(Session& session, const std::set<std::string>& groups) {
  const auto missing = unstated(session, groups);
  if (!missing || missing->empty()) return;
  session.out
      << "not stated yet, so that announcements to them reach nobody (`rostrum group add ID --title TITLE`):";
  for (std::size_t i = 0; i < std::min(missing->size(), kShownGroups); ++i)
    session.out << (i == 0 ? " " : ", ") << printable((*missing)[i], 256);
  session.out << (missing->size() > kShownGroups ? ", …\n" : "\n");
}

// -- dry run
// -------------------------------------------------------------------------------------------------

void print_survey(Session& session, const Options& options, const Survey& found) {
  print_remarks(session, options, found.mistakes, found.bad);
  session.out << printable(options.file, 256) << ": " << rows(found.rows) << ", " << found.rows - found.bad
              << " good, " << found.bad << " with mistakes\n";
  session.out << "would state " << counted(found.rows - found.bad, "member") << " in "
              << counted(found.groups.size(), "group") << ", " << found.with_password
              << " of them with a password; nothing was sent\n";
  session.out
      << "only registration knows whether a JID is free and its domain is served, and who is new and needs a "
         "password\n";
  hint_at_groups(session, found.groups);
}

ExitCode dry_run(Session& session, const Options& options, const Survey& found) {
  if (session.json) {
    print_json(session, {{"file", options.file},
                         {"rows", found.rows},
                         {"good", found.rows - found.bad},
                         {"bad", found.bad},
                         {"with_password", found.with_password},
                         {"groups", found.groups},
                         {"readable", found.readable},
                         {"mistakes", to_json(found.mistakes)}});
  } else {
    print_survey(session, options, found);
  }
  return found.bad == 0 ? ExitCode::kOk : ExitCode::kRejected;
}

// -- import
// --------------------------------------------------------------------------------------------------

/// Of the file, and from whom to whom: with another site or another registration it is another import.
std::string digest_of(Session& session, std::string_view text) {
  const auto& settings = session.settings();
  const auto own = bus::read_secret_key(required(settings.source_key, "source_key"));
  if (!own) throw Failure{ExitCode::kUsage, "[cli] source_key: " + own.error().text};
  const auto server = bus::read_public_key(required(settings.registration_key, "registration_key"));
  if (!server) throw Failure{ExitCode::kUsage, "[cli] registration_key: " + server.error().text};
  return import::digest_of({text, own.value().public_key.z85(), server.value().z85()});
}

/// Where to begin: where the same import stopped, or at the first row under a revision of its own.
Place place_to_begin(Session& session, const Options& options, const import::ProgressFile& progress,
                     const std::string& digest) {
  const Place kept = options.restart ? Place{} : progress.read();
  if (kept.digest == digest) {
    if (!session.json) session.out << "goes on behind " << rows(kept.rows) << " that were imported before\n";
    return kept;
  }
  if (!kept.digest.empty())
    session.err
        << "rostrum: the file, or where it goes, has changed since an import of it stopped: begins anew\n";
  Place place;
  place.digest = digest;
  place.revision =
      options.revision != 0
          ? options.revision
          : static_cast<std::uint64_t>(now().time_since_epoch().count());  // as the publisher does
  return place;
}

std::string summary(const Options& options, const Place& place, std::size_t before, double seconds) {
  const auto done = place.rows - before;
  std::string text = printable(options.file, 256) + ": " + rows(place.rows) + ": " +
                     std::to_string(place.accepted) + " accepted, " + std::to_string(place.rejected) +
                     " rejected";
  if (before > 0) text += "; " + std::to_string(done) + " of them now";
  if (seconds < 1) return text;
  char pace[64];
  (void)std::snprintf(pace, sizeof pace, " (%.1f s, %.0f/s)", seconds, static_cast<double>(done) / seconds);
  return text + pace;
}

void print_end(Session& session, const Options& options, const Carrier& carrier,
               const std::string& summary_text, const std::string& rejected_file) {
  const auto& place = carrier.place();
  print_remarks(session, options, carrier.remarks(), place.rejected);
  session.out << summary_text << '\n';
  if (place.rejected > 0) {
    session.out << "the rejected rows are in " << printable(rejected_file, 256)
                << " with their reasons; mend them there and import that file\n";
  }
  if (place.accepted > 0)
    session.out
        << "the accounts are made now; `rostrum member list --state dead` shows those that cannot be\n";
}

Failure stopped(const Options& options, const Carrier& carrier, End end, std::size_t all) {
  const std::string where = "stopped behind " + std::to_string(carrier.place().rows) + " of " + rows(all);
  const std::string why = end == End::kInterrupted
                              ? ""
                              : ": registration takes nothing (" + printable(carrier.last_news(), 256) + ")";
  return {ExitCode::kUnreachable, options.file + ": " + where + why + "; the same command goes on there"};
}

ExitCode carry(Session& session, const Options& options, import::Format format, std::string_view text,
               const Survey& found) {
  const std::string digest = digest_of(session, text);
  import::ProgressFile progress(options.file + ".progress");
  const Place begin = place_to_begin(session, options, progress, digest);
  import::RejectedFile rejected(rejected_path(options.file), begin.rejected_bytes);
  const auto patience = *parse_duration(options.timeout);
  const auto began = std::chrono::steady_clock::now();
  Carrier carrier(session, {format, text, found.rows, begin, patience}, progress, rejected);
  const End end = carrier.run();
  if (end != End::kComplete) throw stopped(options, carrier, end, found.rows);
  progress.remove();

  const auto& place = carrier.place();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (session.json) {
    print_json(session, {{"file", options.file},
                         {"rows", place.rows},
                         {"accepted", place.accepted},
                         {"rejected", place.rejected},
                         {"rows_before", begin.rows},
                         {"seconds", seconds},
                         {"rejected_file", place.rejected > 0 ? Json(rejected.path()) : Json()},
                         {"reasons", to_json(carrier.remarks())}});
  } else {
    print_end(session, options, carrier, summary(options, place, begin.rows, seconds), rejected.path());
    hint_at_groups(session, found.groups);
  }
  return place.rejected == 0 ? ExitCode::kOk : ExitCode::kRejected;
}

ExitCode import_members(Session& session, const Options& options) {
  const auto format = format_of(options);
  const auto content = import::read_file(options.file);
  const auto found = [&] {
    try {
      return import::survey(format, content.reveal());
    } catch (const Failure& failure) {
      throw Failure{failure.code, options.file + ": " + failure.text};
    }
  }();
  if (options.dry_run) return dry_run(session, options, found);
  if (found.bad > 0 && !(options.skip_bad && found.readable)) {
    print_remarks(session, options, found.mistakes, found.bad);
    throw Failure{ExitCode::kRejected,
                  rows(found.bad) + " of " + std::to_string(found.rows) +
                      " cannot be stated as they stand, so nothing was sent. Mend them, or let "
                      "--skip-bad import the others and put these into " +
                      rejected_path(options.file)};
  }
  return carry(session, options, format, content.reveal(), found);
}

}  // namespace rostrum::cli

void add_member_import(CLI::App& family, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command = add_command(
      family, "import", "State many members from a file; goes on where it stopped",
      "  rostrum member import members.csv --dry-run\n"
      "  rostrum member import members.csv\n"
      "  rostrum member import members.rejected.csv    # once its rows are mended\n"
      "\n"
      "The file, in UTF-8, is CSV whose first line names the columns, or JSON Lines with these keys:\n"
      "  member_id,jid,display_name,groups,password\n"
      "  anna,anna@example.org,Anna,editors;printers,plum 7 tree\n"
      "  ben,ben@example.org,\"Ben \"\"B.\"\" Miller\",,another-password\n"
      "Groups are separated by ; or |. A row states its member as a whole, as `rostrum member add` does: "
      "what is left\n"
      "out is taken away, but an empty password leaves the password as it is. New members need one. Rejected "
      "rows\n"
      "are put, with their reasons, into a file of their own beside it: members.rejected.csv.\n");
  command->add_option("FILE", options->file, "the file; beside it FILE.progress keeps the place of an import")
      ->required();
  add_choice(*command, "--format", options->format, "where the file's name does not tell", {"csv", "jsonl"});
  command->add_flag("--dry-run", options->dry_run,
                    "look at every row, say what would be stated, send nothing");
  command->add_flag("--skip-bad", options->skip_bad, "import the good rows although others have mistakes");
  command->add_flag("--restart", options->restart,
                    "begin with the first row, wherever an import of it stopped");
  add_revision(*command, options->revision);
  command->add_option("--timeout", options->timeout, "how long to wait for a service that does not answer")
      ->type_name("TIME")
      ->capture_default_str()
      ->check(check_duration);
  set_action(*command, session, options, import_members);
}

}  // namespace rostrum::cli
