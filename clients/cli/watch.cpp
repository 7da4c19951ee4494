// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/interruption.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/presence/audience.hpp"
#include "clients/cli/presence/changes.hpp"
#include "clients/cli/presence/feed.hpp"
#include "clients/cli/presence/knowledge.hpp"
#include "clients/cli/table.hpp"

namespace rostrum::cli {

namespace {

using Options = Feed::Filter;

constexpr std::chrono::milliseconds kPause(500);

/// Time, member, device, what happened, show, detail: 100 columns together.
std::string line(const std::vector<std::string>& cells) {
  return fixed_line(cells, {21, 16, 14, 8, 7, 24});
}

/// News as lines for people.
void print(Session& session, const Json& news) {
  const auto& event = news.at("event");
  const auto text = [&news](const char* key) { return cell(news.at(key)); };
  if (event == "domain") {
    print_knowledge(session, Json::array({news}));
  } else if (event == "device") {
    session.out << line({moment_cell(news, "since"), text("member_id"), text("resource"),
                         news.at("state") == "online" ? "is" : "unknown", text("show"), text("status")})
                << '\n';
  } else if (event == "live") {
    session.out << "-- " << news.at("devices") << (news.at("devices") == 1 ? " device" : " devices")
                << "; what happens follows, Ctrl-C ends\n";
  } else if (event == "change") {
    session.out << line({moment_cell(news, "at"), text("member_id"), text("resource"), text("what"),
                         text("show"), detail_of(news)})
                << '\n';
  } else if (news.at("away").get<bool>()) {
    session.out << "-- the database is away; what happens meanwhile is told when it is back\n";
  } else {
    session.out << "-- the database is back\n";
  }
}

ExitCode watch(Session& session, const Options& options) {
  const Interruption interruption;
  {
    const Views views(session);
    expect_group(views, options.group);
    expect_member(views, options.member);
  }
  Feed feed(session, options, [&session](const Json& news) {
    session.json ? print_json(session, news) : print(session, news);
    session.out.flush();
  });
  if (!session.json) session.out << line({"TIME", "MEMBER", "DEVICE", "EVENT", "SHOW", "STATUS"}) << '\n';
  while (!interruption.asked() && session.out) {
    feed.look();
    interruption.pause(kPause);
  }
  return ExitCode::kOk;
}

}  // namespace

void add_watch(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  auto* command = add_command(
      app, "watch", "Show who is online, and go on telling who comes, changes and goes",
      "  rostrum watch\n"
      "  rostrum watch --group editors\n"
      "  rostrum --json watch | jq 'select(.event == \"change\")'\n"
      "\n"
      "Lines begin with what is, then tell what happens: came, changed, left, dropped (the connection was "
      "lost),\n"
      "unseen (gone when we could see again). A time with ~ is a guess: our view was lost then, or in "
      "between.\n"
      "With --json every line is an object; its `event` is domain, device, live, change or database.\n");
  command->add_option("--group", options->group, "only members of this group")->type_name("ID");
  command->add_option("--member", options->member, "only this member")->type_name("ID");
  set_action(*command, session, options, watch);
}

}  // namespace rostrum::cli
