// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/notification_domain.hpp"

#include "services/notification/adapters/feedback_rows.hpp"
#include "services/notification/adapters/notice_rows.hpp"
#include "services/notification/core/parse.hpp"

namespace rostrum::notification {

namespace {

v1::RejectionCode code_of(Flaw flaw) {
  switch (flaw) {
    case Flaw::kMissingField:
      return v1::REJECTION_CODE_MISSING_FIELD;
    case Flaw::kInvalidField:
      return v1::REJECTION_CODE_INVALID_FIELD;
    case Flaw::kInvalidText:
      return v1::REJECTION_CODE_INVALID_TEXT;
    case Flaw::kInvalidJid:
      return v1::REJECTION_CODE_INVALID_JID;
    case Flaw::kUnknownType:
      return v1::REJECTION_CODE_UNKNOWN_TYPE;
  }
  return v1::REJECTION_CODE_MALFORMED;
}

intake::Rejection rejection_of(const ParseError& error) {
  return {code_of(error.flaw), error.text};
}

bool is_notice(const intake::IntakeEvent& event) {
  return event.event.payload_case() == v1::Event::kNoticePublished;
}

}  // namespace

const std::vector<std::string>& NotificationDomain::served_types() {
  static const std::vector<std::string> types{"notice_published", "receipt_received", "message_bounced"};
  return types;
}

std::optional<intake::Rejection> NotificationDomain::check(const intake::IntakeEvent& event) const {
  if (is_notice(event)) {
    const auto notice = parse_notice(event.event);
    if (!notice) return rejection_of(notice.error());
  } else {
    const auto feedback = parse_feedback(event.event);
    if (!feedback) return rejection_of(feedback.error());
  }
  return std::nullopt;
}

std::vector<std::optional<intake::Rejection>> NotificationDomain::apply(pqxx::transaction_base& tx,
                                                                        intake::IntakeEvents events) {
  const auto now = transaction_time(tx);
  std::vector<std::optional<intake::Rejection>> rejections(events.size());
  NewNotices notices;
  std::vector<Feedback> feedbacks;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!is_notice(*events[i])) {
      feedbacks.push_back(parse_feedback(events[i]->event).value());
      continue;
    }
    const auto notice = parse_notice(events[i]->event).value();
    // Here and not in check(): a notice that comes again after it has expired was accepted all the same.
    const auto expires_at = expiry_of(notice, now, default_life_);
    if (!expires_at) {
      rejections[i] = {v1::REJECTION_CODE_INVALID_FIELD,
                       "expires_at: must lie in the future, at most 366 days away"};
      continue;
    }
    notices.add(i, events[i]->id, events[i]->source, notice, *expires_at);
  }
  for (const auto i : notices.write(tx)) {
    rejections[i] = {v1::REJECTION_CODE_ID_REUSED,
                     "id: another source has published a notice under it; make a new one"};
  }
  meter_.unmatched(apply_feedback(tx, feedbacks, now, meter_));
  return rejections;
}

intake::Rejection NotificationDomain::explain(const std::string& sqlstate, const std::string& constraint,
                                              const std::string&) const {
  const auto rule = constraint.empty() ? "error " + sqlstate : "rule " + constraint;
  return {v1::REJECTION_CODE_NOT_STORABLE,
          "the database refused it (" + rule +
              "); tell the operator, and publish it as a new event once that is mended"};
}

}  // namespace rostrum::notification
