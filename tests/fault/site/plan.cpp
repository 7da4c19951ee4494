// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fault/site/plan.hpp"

#include <nlohmann/json.hpp>

namespace rostrum::fault {

namespace {

constexpr std::size_t kRound = 20;  // events until the same kinds come again: two newcomers, sixteen notices

std::string text(const std::string& word, std::size_t number) {
  return word + std::to_string(number);
}

}  // namespace

Event Plan::event(std::size_t number, nlohmann::json& about) const {
  const auto ten = number / 10;
  auto event = [&] {
    if (number == 0) {
      about = {{"kind", "group"}};
      return group_upserted("readers", "Readers");
    }
    if (number < opening()) return reader(number - 1, number, about);
    switch (number % kRound) {
      case 0:
      case 10:
        return newcomer(ten, about);
      case 5:
        return reader(number / kRound % readers_, number, about);
      case 15:  // an odd one
        if (ten < opening() / 10 + 5) break;
        about = {{"kind", "password"},
                 {"member", text("newcomer", ten - 4)},
                 {"password", text("changed ", number)}};
        return password_changed(text("newcomer", ten - 4), text("changed ", number));
      case 18:  // an even one
        if (ten < opening() / 10 + 8) break;
        about = {{"kind", "removed"}, {"member", text("newcomer", ten - 7)}};
        return member_removed(text("newcomer", ten - 7));
      default:
        break;
    }
    return notice(number, about);
  }();
  if (about.at("kind") == "notice") return event;
  return std::move(event).with_revision(number + 1);
}

Event Plan::reader(std::size_t which, std::size_t number, nlohmann::json& about) const {
  const auto member = text("reader", which);
  const auto name = text("Reader, as of ", number);
  const auto password = number < opening() ? "password of " + member : std::string();
  about = {{"kind", "member"}, {"member", member}, {"name", name}, {"password", password}};
  return member_upserted(
      member,
      {.jid = member + "@" + domain_, .display_name = name, .groups = {"readers"}, .password = password});
}

Event Plan::newcomer(std::size_t which, nlohmann::json& about) const {
  const auto member = text("newcomer", which);
  const auto password = "password of " + member;
  about = {{"kind", "member"}, {"member", member}, {"name", member}, {"password", password}};
  return member_upserted(member,
                         {.jid = member + "@" + domain_, .display_name = member, .password = password});
}

Event Plan::notice(std::size_t number, nlohmann::json& about) const {
  const bool to_everybody = number % 4 == 0;
  std::vector<std::string> readers;
  for (std::size_t which = 0; which < readers_; ++which) {
    if (to_everybody || which == number % readers_ || which == (number + 3) % readers_)
      readers.push_back(text("reader", which));
  }
  about = {{"kind", "notice"}, {"text", text("notice ", number)}, {"to", readers}};
  auto audience = to_everybody ? to_groups({"readers"}) : to_members(readers);
  const Notice notice{.text = text("notice ", number)};
  return number % 7 == 0 ? alert(std::move(audience), notice) : announcement(std::move(audience), notice);
}

}  // namespace rostrum::fault
