// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/directory_domain.hpp"

#include <pqxx/pqxx>
#include <utility>

#include "services/registration/adapters/directory_rows.hpp"

namespace rostrum::registration {

using intake::IntakeEvent;
using intake::Rejection;

DirectoryDomain::DirectoryDomain(JidRules rules, bus::KeyPair sealing_key, metrics::Registry& metrics,
                                 log::Log& log, std::function<void()> on_work)
    : rules_(std::move(rules)),
      sealing_key_(std::move(sealing_key)),
      metrics_(metrics),
      log_(log),
      on_work_(std::move(on_work)) {
  for (const auto* kind : {"foreign_account", "member_appeared", "member_vanished"}) count_drift(kind, 0);
}

std::optional<Rejection> DirectoryDomain::check(const IntakeEvent& event) const {
  const auto read = parse(event, rules_);
  if (!read) return read.error();
  return check_seal(read.value());
}

/// A password that cannot be opened, or not be set, is refused now: later there would be nobody to tell.
std::optional<Rejection> DirectoryDomain::check_seal(const Event& event) const {
  const std::string* sealed = nullptr;
  if (const auto* stated = std::get_if<MemberStated>(&event)) sealed = &stated->sealed_password;
  if (const auto* stated = std::get_if<PasswordStated>(&event)) sealed = &stated->sealed_password;
  if (sealed == nullptr || sealed->empty()) return std::nullopt;
  const auto password = bus::open_sealed(*sealed, sealing_key_);
  if (!password) {
    return Rejection{v1::REJECTION_CODE_UNREADABLE_PASSWORD,
                     "sealed_password: was not sealed to this registration's public key (sealing.public)"};
  }
  return check_password(password->reveal());
}

std::vector<std::optional<Rejection>> DirectoryDomain::apply(pqxx::transaction_base& tx,
                                                             intake::IntakeEvents events) {
  std::vector<SourcedEvent> read;
  read.reserve(events.size());
  for (const auto* event : events)
    read.push_back({event->source, parse(*event, rules_).value()});  // check() found them good

  Directory directory(random_);
  load_directory(tx, read, directory);
  std::vector<std::optional<Rejection>> rejections;
  rejections.reserve(read.size());
  for (std::size_t i = 0; i < read.size(); ++i)
    rejections.push_back(directory.apply(read[i].source, read[i].event, events[i]->id.uuid()));
  save_directory(tx, directory);
  drift_ = directory.drift();
  return rejections;
}

Rejection DirectoryDomain::explain(const std::string& sqlstate, const std::string& constraint,
                                   const std::string& text) const {
  // Two sites stated the same JID at the same moment; the rules could not see the other.
  if (constraint == "member_jid_taken")
    return {v1::REJECTION_CODE_JID_TAKEN, "jid: another member has this JID"};
  return {v1::REJECTION_CODE_NOT_STORABLE,
          "the database refused it; tell the operator, and state it anew once that is mended (" + sqlstate +
              "): " + text};
}

void DirectoryDomain::committed() {
  const auto drift = std::exchange(drift_, {});
  for (const auto& jid : drift.foreign_accounts) log_.warning("foreign_account_appeared", {{"jid", jid}});
  count_drift("foreign_account", static_cast<int>(drift.foreign_accounts.size()));
  count_drift("member_appeared", drift.members_appeared);
  count_drift("member_vanished", drift.members_vanished);
  on_work_();
}

void DirectoryDomain::count_drift(const std::string& kind, int how_many) {
  metrics_
      .counter("rostrum_registration_drift_total",
               "What was found on the Jabber server that Rostrum did not do, by kind", {{"kind", kind}})
      .add(how_many);
}

}  // namespace rostrum::registration
