// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/duration.hpp"
#include "clients/cli/import/carrier.hpp"
#include "clients/cli/import/report.hpp"
#include "clients/cli/import/source.hpp"
#include "clients/cli/moment.hpp"
#include "common/base/text.hpp"
#include "common/bus/keys.hpp"

namespace rostrum::cli {

namespace {

using importing::Carrier;
using importing::counted;
using importing::End;
using importing::Place;
using importing::Survey;

struct Options {
  std::string file;
  std::string format;
  bool dry_run = false;
  bool skip_bad = false;
  bool restart = false;
  std::uint64_t revision = 0;
  std::string timeout = "30s";
};

importing::Format format_of(const Options& options) {
  if (const auto format = importing::format_of(options.format, options.file)) return *format;
  throw Failure{ExitCode::kUsage, options.file + ": is it CSV or JSON Lines? --format csv or --format jsonl"};
}

/// "members.rejected.csv", so that its name tells its format too.
std::string rejected_path(const std::string& file) {
  std::filesystem::path path(file);
  const std::string extension = path.extension().string();
  return path.replace_extension(".rejected" + extension).string();
}

/// Of the file, and from whom to whom: with another site or another registration it is another import.
std::string digest_of(Session& session, std::string_view text) {
  const auto& settings = session.settings();
  const auto own = bus::read_secret_key(required(settings.source_key, "source_key"));
  if (!own) throw Failure{ExitCode::kUsage, "[cli] source_key: " + own.error().text};
  const auto server = bus::read_public_key(required(settings.registration_key, "registration_key"));
  if (!server) throw Failure{ExitCode::kUsage, "[cli] registration_key: " + server.error().text};
  return importing::digest_of({text, own.value().public_key.z85(), server.value().z85()});
}

/// Where to begin: where the same import stopped, or at the first row under a revision of its own.
Place place_to_begin(Session& session, const Options& options, const importing::ProgressFile& progress,
                     const std::string& digest) {
  Place kept = options.restart ? Place{} : progress.read();
  if (kept.digest == digest) {
    if (options.revision != 0 && options.revision != kept.revision)
      throw Failure{ExitCode::kUsage,
                    options.file + ": an import of it stopped behind " + counted(kept.rows, "row") +
                        ", all under revision " + std::to_string(kept.revision) +
                        "; it goes on without --revision, or begins anew under another with --restart"};
    if (kept.rows > 0 && !session.json)
      session.out << "goes on behind " << counted(kept.rows, "row") << " that were imported before\n";
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

Failure stopped(const Options& options, const Carrier& carrier, End end, std::size_t all) {
  const std::string where =
      "stopped behind " + std::to_string(carrier.place().rows) + " of " + counted(all, "row");
  const std::string why = end == End::kInterrupted
                              ? ""
                              : ": registration takes nothing (" + printable(carrier.last_news(), 256) + ")";
  return {ExitCode::kUnreachable, options.file + ": " + where + why + "; the same command goes on there"};
}

ExitCode carry(Session& session, const Options& options, importing::Format format, std::string_view text,
               const Survey& found) {
  const std::string digest = digest_of(session, text);
  importing::ProgressFile progress(options.file + ".progress");
  const Place begin = place_to_begin(session, options, progress, digest);
  importing::RejectedFile rejected(rejected_path(options.file), begin.rejected_bytes);
  const auto began = std::chrono::steady_clock::now();
  Carrier carrier(session, {format, text, found.rows, begin, *parse_duration(options.timeout)}, progress,
                  rejected);
  const End end = carrier.run();
  if (end != End::kComplete) throw stopped(options, carrier, end, found.rows);
  progress.remove();

  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  print_imported(session, {options.file, rejected.path(), carrier.place(), begin.rows, seconds},
                 carrier.remarks());
  if (!session.json) importing::hint_at_groups(session, found.groups);
  return carrier.place().rejected == 0 ? ExitCode::kOk : ExitCode::kRejected;
}

ExitCode import_members(Session& session, const Options& options) {
  const auto format = format_of(options);
  const auto content = importing::read_file(options.file);
  const auto found = [&] {
    try {
      return importing::survey(format, content.reveal());
    } catch (const Failure& failure) {
      throw Failure{failure.code, options.file + ": " + failure.text};
    }
  }();
  if (options.dry_run) {
    print_survey(session, options.file, found);
    return found.bad == 0 ? ExitCode::kOk : ExitCode::kRejected;
  }
  if (found.bad > 0 && !(options.skip_bad && found.readable)) {
    print_remarks(session, options.file, found.mistakes, found.bad);
    throw Failure{ExitCode::kRejected,
                  counted(found.bad, "row") + " of " + std::to_string(found.rows) +
                      " cannot be stated as they stand, so nothing was sent. Mend them, or let "
                      "--skip-bad import the others and put these into " +
                      rejected_path(options.file)};
  }
  return carry(session, options, format, content.reveal(), found);
}

}  // namespace

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
