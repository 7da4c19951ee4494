// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/site.hpp"

#include <ostream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "clients/cli/output.hpp"
#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

constexpr std::chrono::seconds kConnectDeadline(6);
constexpr std::chrono::seconds kAnswerDeadline(15);

const char* status_name(Outcome::Status status) {
  switch (status) {
    case Outcome::Status::kAccepted:
      return "accepted";
    case Outcome::Status::kDuplicate:
      return "duplicate";
    case Outcome::Status::kRejected:
      return "rejected";
    case Outcome::Status::kNotNow:
      return "not now";
    case Outcome::Status::kClosed:
      return "closed";
  }
  return "";
}

ExitCode exit_code(const Outcome& outcome) {
  if (outcome.committed()) return ExitCode::kOk;
  return outcome.status == Outcome::Status::kRejected ? ExitCode::kRejected : ExitCode::kUnreachable;
}

}  // namespace

void LastNews::set(std::string_view text) {
  const std::lock_guard lock(mutex_);
  text_ = text;
}

std::string LastNews::get() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

PublisherSettings publisher_settings(const Settings& settings, Intake intake, LastNews& news) {
  PublisherSettings publisher;
  publisher.source_key_file = required(settings.source_key, "source_key");
  if (intake == Intake::kRegistration) {
    publisher.registration = {required(settings.registration, "registration"),
                              required(settings.registration_key, "registration_key")};
    publisher.sealing_key_file = settings.sealing_key;
  } else {
    publisher.notification = {required(settings.notification, "notification"),
                              required(settings.notification_key, "notification_key")};
  }
  publisher.on_link = [&news](std::string_view text) { news.set(text); };
  return publisher;
}

Outcome publish(Session& session, Intake intake, Event event) {
  const char* const service = intake == Intake::kRegistration ? "registration" : "notification";
  LastNews news;
  try {
    Publisher publisher(publisher_settings(session.settings(), intake, news));
    if (!publisher.wait_for_credit(kConnectDeadline)) {
      throw Failure{ExitCode::kUnreachable, std::string(service) + " takes nothing now (" +
                                                printable(news.get(), 256) +
                                                "); nothing was published. `rostrum check` tells more"};
    }
    const auto ticket = publisher.publish(std::move(event));
    if (const auto outcome = ticket.wait_for(kAnswerDeadline)) return *outcome;
    throw Failure{ExitCode::kUnreachable, std::string(service) + " has not answered (" +
                                              printable(news.get(), 256) + "); event " + ticket.event_id() +
                                              " may have been taken: look before repeating"};
  } catch (const std::logic_error& wrong) {  // a key file, or a setting that this event needs
    throw Failure{ExitCode::kUsage, std::string("[cli] ") + wrong.what()};
  }
}

ExitCode report(Session& session, const std::string& what, const Outcome& outcome) {
  const ExitCode code = exit_code(outcome);
  if (session.json) {
    Json json{{"event_id", outcome.event_id}, {"status", status_name(outcome.status)}};
    if (!outcome.code.empty()) json["code"] = outcome.code;
    if (!outcome.text.empty()) json["text"] = outcome.text;
    print_json(session, json);
  } else if (code == ExitCode::kOk) {
    session.out << printable(what, 300) << ": " << describe(outcome) << " (event " << outcome.event_id
                << ")\n";
  } else {
    session.err << "rostrum: " << printable(what, 300) << ": " << printable(describe(outcome), 600) << '\n';
  }
  return code;
}

Event with_revision(Event event, std::uint64_t revision_or_nought) {
  return revision_or_nought == 0 ? std::move(event) : std::move(event).with_revision(revision_or_nought);
}

}  // namespace rostrum::cli
