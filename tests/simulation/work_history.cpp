// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/work_history.hpp"

#include <algorithm>
#include <utility>

#include "rostrum/v1/event.pb.h"
#include "tests/simulation/services.hpp"

namespace rostrum::simulation {

namespace {

constexpr const char* kSite = "forum";
constexpr Milliseconds kLongAgo = std::chrono::hours(24 * 30);
constexpr Milliseconds kTroubled{20'000};     // how long things break
constexpr Milliseconds kLongestEnd{900'000};  // how long all may take to end afterwards

/// Made once: what is drawn for keys is not the seed's.
const bus::AuthorizedKeys& peers() {
  static const auto kKeys = [] {
    std::vector<bus::AuthorizedKey> keys;
    const auto add = [&](const char* name, std::set<std::string, std::less<>> allowed) {
      keys.push_back({name, bus::make_key_pair().public_key, std::move(allowed)});
    };
    add(kSite, {"member_upserted", "member_removed", "password_changed", "notice_published"});
    add("registration", {"create_account", "set_password", "remove_account"});
    add("notification", {"send_message"});
    return bus::AuthorizedKeys(std::move(keys));
  }();
  return kKeys;
}

std::string jid_of(const std::string& member) {
  return member + "@site.test";
}

bool is_in(const LedgerTable& ledger, const Outbox::Saying& saying) {
  const auto entry = ledger.find({kSite, saying.id});
  return entry != ledger.end() && entry->second == intake::digest_of(saying.bytes);
}

std::string bytes_of(const EventId& id, v1::Event event) {
  event.set_id(id.to_bytes());
  return event.SerializeAsString();
}

template <class Thing>
std::function<std::shared_ptr<void>(Process::Die)> starting(Surroundings around, std::string address) {
  return [around, address](Process::Die die) -> std::shared_ptr<void> {
    return std::make_shared<Thing>(around, address, std::move(die));
  };
}

}  // namespace

WorkHistory::WorkHistory(World& world)
    : world_(world), network_(world), keys_(peers()), server_(world, network_) {
  const std::vector<std::string> gateways{"gateway-1", "gateway-2"};
  const std::vector<std::string> registrations{"registration-1", "registration-2"};
  const std::vector<std::string> notifications{"notification-1", "notification-2"};
  const Surroundings around{
      world_, network_, store_, keys_, gateways, under_way_, [this](const std::string& id) {
        return server_.copies(id);
      }};
  const auto run = [&](const std::string& name, Process::Start start) {
    processes_.push_back(std::make_unique<Process>(world_, name, std::move(start)));
  };
  for (const auto& address : gateways) {
    run(address, [this, address](const Process::Die&) -> std::shared_ptr<void> {
      return std::make_shared<GatewayProcess>(world_, network_, address, keys_, under_way_);
    });
  }
  for (const auto& address : registrations) run(address, starting<RegistrationProcess>(around, address));
  for (const auto& address : notifications) run(address, starting<NotificationProcess>(around, address));
  const auto run_site = [&](const char* name, std::vector<std::string> intakes, Outbox& outbox,
                            const LedgerTable& ledger) {
    run(name, [this, name, intakes, &outbox, &ledger](const Process::Die&) -> std::shared_ptr<void> {
      return std::make_shared<SiteProcess>(
          world_, network_, name, keys_.find_by_name(kSite)->key, intakes, outbox,
          [this, &ledger](const Outbox::Saying& saying) { heard(saying, ledger); });
    });
  };
  run_site("site (members)", registrations, members_, store_.tables.registration_ledger);
  run_site("site (notices)", notifications, notices_, store_.tables.notification_ledger);
  addresses_ = {gateways[0],      gateways[1],      registrations[0],      registrations[1],
                notifications[0], notifications[1], JabberServer::kAddress};

  if (world_.happens(3)) {
    foreign_.insert(jid_of("carl"));
    server_.make_foreign_account(jid_of("carl"));
  }
  if (world_.happens(3)) server_.forbid(jid_of("dora"));
  for (auto count = 8 + world_.random().below(16); count > 0; --count)
    world_.after(world_.between(0, 15'000), [this] { say_something(); });
  break_something();
}

void WorkHistory::play() {
  world_.live_until(world_.now() + kTroubled);
  if (world_.fails(&Faults::kills, 2)) {
    // Of each service the other instance is left.
    world_.count("instances killed for good");
    for (const std::size_t place : {0U, 2U, 4U})
      processes_[place + world_.random().below(2)]->kill_for_good();
  }
  world_.become_calm();
  store_.away = false;
  world_.say("nothing breaks any more");
  const auto latest = world_.now() + kLongestEnd;
  for (auto open = what_is_open(); !open.empty(); open = what_is_open()) {
    promise(world_.now() < latest, "every piece of work ends, but not ", open);
    world_.live_until(world_.now() + Milliseconds(500));
  }
  world_.live_until(world_.now() + Milliseconds(3'000));
  expect_members_as_stated();
  expect_accounts_as_wanted();
  expect_notices_delivered();
  expect_nothing_invented();
}

// --- what the site says

void WorkHistory::say_something() {
  if (world_.happens(3)) return publish_notice();
  if (world_.happens(6)) {
    say_again(members_, store_.tables.registration_ledger);
    say_again(notices_, store_.tables.notification_ledger);
    return;
  }
  state_member();
}

void WorkHistory::state_member() {
  static const std::vector<std::string> kMembers{"anna", "ben", "carl", "dora", "emil", "fay"};
  const auto& member = kMembers[world_.random().below(kMembers.size())];
  const bool outdated = world_.happens(10);
  const auto id = EventId::make(world_.wall() - (outdated ? kLongAgo : Milliseconds(0)), world_.random());
  Stated stated{id, member, ++revisions_[member], true, "", world_.happens(12), outdated};
  v1::Event event;
  event.set_subject(member);
  event.set_revision(static_cast<std::uint64_t>(stated.revision));
  if (stated.culprit || !world_.happens(3)) {
    stated.password = "password " + std::to_string(stated.revision);
    auto& upserted = *event.mutable_member_upserted();
    upserted.set_jid(jid_of(member));
    upserted.set_display_name(stated.culprit ? kCulprit : member);
    upserted.set_sealed_password(stated.password);
  } else if (world_.happens(2)) {
    stated.password = "password " + std::to_string(stated.revision);
    event.mutable_password_changed()->set_sealed_password(stated.password);
  } else {
    stated.present = false;
    event.mutable_member_removed();
  }
  world_.say("the site states ", member, " under revision ", stated.revision,
             stated.present ? "" : ": removed", ", event ", id.to_string());
  members_.say({id, bytes_of(id, std::move(event))});
  stated_.push_back(std::move(stated));
}

void WorkHistory::publish_notice() {
  const auto id = EventId::make(world_.wall(), world_.random());
  v1::Event event;
  auto& notice = *event.mutable_notice_published();
  notice.set_kind(world_.happens(2) ? v1::NOTICE_KIND_ALERT : v1::NOTICE_KIND_ANNOUNCEMENT);
  notice.set_body("body");
  if (world_.happens(3)) {
    notice.mutable_audience()->mutable_all();
  } else {
    for (const auto* member : {"anna", "ben", "emil", "fay", "nobody"})
      notice.mutable_audience()->mutable_members()->add_member_ids(member);
  }
  const auto life = world_.happens(4) ? world_.between(2'000, 10'000) : world_.between(25'000, 40'000);
  notice.mutable_expires_at()->set_seconds(
      std::chrono::ceil<std::chrono::seconds>((world_.wall() + life).time_since_epoch()).count());
  world_.say("the site publishes notice ", id.to_string());
  notices_.say({id, bytes_of(id, std::move(event))});
}

/// The same once more, or something else under the same id: of what was accepted.
void WorkHistory::say_again(Outbox& outbox, const LedgerTable& ledger) {
  std::vector<Outbox::Saying> accepted;
  for (const auto& saying : outbox.sayings()) {
    if (saying.answer && is_in(ledger, saying)) accepted.push_back(saying);
  }
  if (accepted.empty()) return;
  auto again = accepted[world_.random().below(accepted.size())];
  again.answer.reset();
  again.other_content = world_.happens(2);
  again.repeat = !again.other_content;
  if (again.other_content) {
    v1::Event event;
    event.ParseFromString(again.bytes);
    event.set_traceparent("another");
    again.bytes = event.SerializeAsString();
  }
  outbox.say(std::move(again));
}

// --- what breaks

void WorkHistory::break_something() {
  if (world_.calm()) return;
  world_.after(world_.between(100, 1'500), [this] { break_something(); });
  if (world_.fails(&Faults::kills, 6)) processes_[world_.random().below(processes_.size())]->kill();
  if (world_.fails(&Faults::cuts, 3)) network_.cut_one();
  if (world_.fails(&Faults::stalls, 3)) network_.stall_one();
  if (world_.fails(&Faults::stalls, 12)) network_.silence_one();
  if (world_.fails(&Faults::unreachable, 12))
    network_.isolate(addresses_[world_.random().below(addresses_.size())], world_.between(500, 12'000));
  if (world_.fails(&Faults::server_dies, 16)) server_.die();
  if (world_.fails(&Faults::server_slow, 6)) server_.be_slow(world_.between(1'000, 12'000));
  if (world_.fails(&Faults::store_away, 16) && !store_.away) {
    const auto pause = world_.between(100, 4'000);
    world_.say("the database is away for ", pause.count(), " ms");
    world_.count("databases away");
    world_.harmed(pause);
    store_.away = true;
    world_.after(pause, [this] { store_.away = false; });
  }
}

// --- what must hold

void WorkHistory::heard(const Outbox::Saying& saying, const LedgerTable& ledger) const {
  const auto id = saying.id.to_string();
  const bool rejected = saying.answer == Outbox::Outcome::kRejected;
  promise(is_in(ledger, saying) != rejected,
          rejected ? "what is rejected is not kept: " : "accepted means committed: ", id);
  promise(!saying.other_content || rejected, "an id is not used again for something else: ", id);
  promise(!saying.repeat || saying.answer == Outbox::Outcome::kDuplicate, "a repeat is a duplicate: ", id);
  if (!rejected || saying.other_content) return;
  const auto stated =
      std::find_if(stated_.begin(), stated_.end(), [&](const Stated& one) { return one.id == saying.id; });
  if (stated == stated_.end()) return;  // a notice: expired on its way
  v1::Event event;
  event.ParseFromString(saying.bytes);
  promise(stated->culprit || stated->outdated || event.has_password_changed(),
          "only the culprit is rejected, not ", id, " of ", stated->member);
}

std::string WorkHistory::what_is_open() const {
  using State = registration::Account::State;
  if (members_.unanswered() + notices_.unanswered() > 0) return "an event without an outcome";
  for (const auto& [jid, row] : store_.tables.accounts) {
    const auto state = row.account.state;
    if (state == State::kRequested || state == State::kAttempting) return "the account " + jid;
  }
  for (const auto& [id, notice] : store_.tables.notices) {
    if (notice.state != NoticeRow::State::kDone) return "the notice " + id.to_string();
  }
  return "";
}

const WorkHistory::Stated* WorkHistory::last_accepted(const std::string& member) const {
  const Stated* last = nullptr;
  for (const auto& one : stated_) {
    const bool accepted = store_.tables.registration_ledger.contains({kSite, one.id});
    if (one.member == member && accepted && (last == nullptr || one.revision > last->revision)) last = &one;
  }
  return last;
}

void WorkHistory::expect_members_as_stated() const {
  for (const auto& [member, revision] : revisions_) {
    const auto* last = last_accepted(member);
    if (last == nullptr) continue;
    const auto row = store_.tables.members.find({kSite, member});
    promise(row != store_.tables.members.end(), "nothing accepted is lost, but ", member, " is unknown");
    promise(row->second.revision == last->revision && row->second.present == last->present,
            "nothing accepted is lost, nothing older overwrites: ", member, " was stated under revision ",
            last->revision, " and is stored under ", row->second.revision);
  }
}

void WorkHistory::expect_accounts_as_wanted() const {
  using State = registration::Account::State;
  for (const auto& [member, revision] : revisions_) {
    const auto* last = last_accepted(member);
    const auto jid = jid_of(member);
    const auto* account = server_.find(jid);
    const auto row = store_.tables.accounts.find(jid);
    if (foreign_.contains(jid))
      promise(account != nullptr && account->password == "of-its-owner",
              "nobody else's account is touched: ", jid);
    if (last == nullptr) continue;
    promise(row != store_.tables.accounts.end() || !last->present,
            "every member has a row for an account: ", jid);
    if (row == store_.tables.accounts.end()) continue;
    const auto& ours = row->second.account;
    const bool exists = account != nullptr && account->claim == ours.claim.to_string();
    if (ours.state == State::kDead) {
      world_.count("dead letters");
      promise(ours.dead_letter.has_value() && !ours.dead_letter->reason.empty(),
              "a dead letter has its reason: ", jid);
      promise(foreign_.contains(jid) || member == "dora",
              "only what cannot be done ends as a dead letter, not ", jid, ": ", ours.dead_letter->reason);
    } else if (last->present) {
      promise(ours.state == State::kActive && exists, "every member has an account, but not ", jid);
      promise(account->password == last->password, jid, " was stated with '", last->password,
              "', and the server has '", account->password, "'");
    } else {
      promise(ours.state == State::kRemoved && (account == nullptr || foreign_.contains(jid)),
              "who was removed has no account any more, but ", jid, " has");
    }
  }
}

void WorkHistory::expect_notices_delivered() const {
  using State = notification::State;
  for (const auto& [key, digest] : store_.tables.notification_ledger) {
    const auto notice = store_.tables.notices.find(key.second.uuid());
    promise(notice != store_.tables.notices.end(), "nothing accepted is lost, but notice ",
            key.second.to_string());
    for (const auto& member : notice->second.notice.audience.ids) {
      promise(store_.tables.deliveries.contains({notice->first, member}),
              "everybody named gets a delivery, not ", member, " of ", key.second.to_string());
    }
  }
  for (const auto& [key, row] : store_.tables.deliveries) {
    const auto what = "delivery " + row.stanza.text() + " to " + row.member_id;
    const auto copies = server_.copies(row.stanza.text());
    const auto& notice = store_.tables.notices.at(key.first);
    switch (row.delivery.state) {
      case State::kSent:
        promise(copies > 0, "sent means that the server has it: ", what);
        break;
      case State::kFailed:
        promise(row.reason == "unknown-member" || row.reason == "unconfirmed",
                "nothing fails but for a reason of its own, as ", what, " did: ", row.reason);
        break;
      case State::kExpired:
        world_.count("deliveries expired");
        promise(notice.expires_at <= world_.wall(), "nothing expires before its time: ", what);
        promise(row.reason != "unsent" || copies == 0, "unsent means that nobody got it: ", what);
        break;
      case State::kSuppressed:
        promise(std::any_of(stated_.begin(), stated_.end(),
                            [&member = row.member_id](const Stated& one) {
                              return one.member == member && !one.present;
                            }),
                "only a member who was removed is left out: ", what);
        break;
      default:
        throw Broken("every piece of work ends, but not " + what);
    }
  }
}

void WorkHistory::expect_nothing_invented() const {
  const auto expect_said = [](const Outbox& outbox, const LedgerTable& ledger) {
    for (const auto& [key, digest] : ledger) {
      const auto& sayings = outbox.sayings();
      promise(std::any_of(sayings.begin(), sayings.end(),
                          [&id = key.second](const auto& one) { return one.id == id && !one.other_content; }),
              "nothing is invented, but event ", key.second.to_string());
    }
  };
  expect_said(members_, store_.tables.registration_ledger);
  expect_said(notices_, store_.tables.notification_ledger);
  for (const auto& [stanza, copies] : server_.handed_over()) {
    const auto& deliveries = store_.tables.deliveries;
    promise(std::any_of(deliveries.begin(), deliveries.end(),
                        [&id = stanza](const auto& one) { return one.second.stanza.text() == id; }),
            "nothing is invented, but stanza ", stanza);
  }
  for (const auto& [jid, account] : server_.accounts()) {
    const auto row = store_.tables.accounts.find(jid);
    promise(foreign_.contains(jid) || row != store_.tables.accounts.end(),
            "nothing is invented, but account ", jid);
  }
}

}  // namespace rostrum::simulation
