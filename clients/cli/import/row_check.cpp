// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/row_check.hpp"

#include "common/base/jid.hpp"
#include "common/base/member_limits.hpp"
#include "common/base/names.hpp"

namespace rostrum::cli::importing {

namespace {

std::optional<std::string> check_line(const char* field, std::string_view text, TextRule rule) {
  rule.one_line = true;
  const auto error = check_text(text, rule);
  if (!error) return std::nullopt;
  return std::string(field) + ": " + error->describe();
}

template <class Name>
std::optional<std::string> check_name(const char* field, const std::string& text) {
  if (text.empty()) return std::string(field) + " is missing";
  const auto name = Name::parse(text);
  if (name) return std::nullopt;
  return std::string(field) + ": " + name.error().describe();
}

std::optional<std::string> check_jid(const std::string& text) {
  if (text.empty()) return "jid is missing";
  const auto jid = Jid::parse(text);
  if (jid) return std::nullopt;
  return "jid: " + std::string(describe(jid.error()));
}

std::optional<std::string> check_groups(const std::vector<std::string>& groups) {
  if (groups.size() > kMaxGroupsOfMember) return "groups: more than " + std::to_string(kMaxGroupsOfMember);
  for (const auto& group : groups) {
    if (auto wrong = check_name<GroupId>("groups", group)) return wrong;
  }
  return std::nullopt;
}

std::optional<std::string> said_before(std::unordered_map<std::string, std::size_t>& lines,
                                       const std::string& text, const char* what, std::size_t line) {
  const auto [known, fresh] = lines.emplace(text, line);
  if (fresh) return std::nullopt;
  return std::string(what) + " stands in line " + std::to_string(known->second) + " already";
}

}  // namespace

std::optional<std::string> check_row(const Row& row) {
  if (auto wrong = check_name<MemberId>("member_id", row.member_id)) return wrong;
  if (auto wrong = check_jid(row.jid)) return wrong;
  if (auto wrong = check_line("display_name", row.display_name, {.max_bytes = kMaxDisplayNameBytes}))
    return wrong;
  if (auto wrong = check_groups(row.groups)) return wrong;
  return check_line("password", row.password.reveal(), {.max_bytes = kMaxPasswordBytes});
}

std::optional<std::string> Uniqueness::check(const Row& row, std::size_t line) {
  if (auto wrong = said_before(line_of_member_, row.member_id, "this member_id", line)) return wrong;
  return said_before(line_of_jid_, row.jid, "this jid", line);
}

}  // namespace rostrum::cli::importing
