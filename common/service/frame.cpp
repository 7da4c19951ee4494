// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/frame.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "common/metrics/http_port.hpp"

namespace rostrum::service {
namespace {

constexpr Milliseconds kBeat{500};
constexpr Milliseconds kLook{100};
// What comes after them has a second: workers, sockets. Five seconds in all.
constexpr int kLooks = 38;
constexpr int kFarewellLooks = 12;  // of them, kept for it

}  // namespace

Frame::Frame(std::string name, const log::Settings& logging)
    : name_(std::move(name)),
      log(name_, logging.format, logging.level),
      refused_keys_(refused("key")),
      refused_by_folder_(refused("folder")),
      refused_mechanisms_(refused("mechanism")),
      refused_handshakes_(refused("handshake")),
      ready_(registry.gauge("rostrum_ready", "Whether /readyz says that everything is there")),
      good_keys_(keys("good")),
      wrong_keys_(keys("wrong")),
      peer_connections_(connected("peer")),
      silent_connections_(connected("silent")),
      cut_silent_(cut("silent")),
      cut_excess_(cut("excess")),
      cut_revoked_(cut("revoked")),
      cut_routing_id_(cut("routing_id")) {
  for (const auto* rule : {"parts", "malformed", "over_credit", "batch_too_large"})
    (void)refused_frames(rule);
  // Here, before anything starts a thread that would take the signals instead.
  reactor.on_signals({SIGTERM, SIGINT}, [this](int signal) { follow(signal); });
}

int Frame::run(const std::string& http, const Course& course) {
  course_ = &course;
  const metrics::HttpPort port(http, registry, health);
  beat();
  reactor.run();
  log.info("stopped");
  course_ = nullptr;
  return 0;
}

void Frame::beat() {
  health.beat();
  course_->beat();
  ready_.set(health.ready().good ? 1 : 0);
  beat_timer_.start(kBeat, [this] { beat(); });
}

void Frame::follow(int signal) {
  if (stop_timer_.armed()) return reactor.stop();
  log.info("stopping", {{"signal", signal}});
  course_->begin_to_stop();
  stop_when_at_rest(kLooks);
}

void Frame::stop_when_at_rest(int looks_left) {
  if (!course_->at_rest() && looks_left > kFarewellLooks)
    return stop_timer_.start(kLook, [this, looks_left] { stop_when_at_rest(looks_left - 1); });
  course_->end();
  stop_when_ended(looks_left, false);
}

/// Peers whose words were on their way may begin something new; and the last answers leave between two looks.
void Frame::stop_when_ended(int looks_left, bool was_over) {
  const bool is_over = course_->ended() && course_->at_rest();
  if ((is_over && was_over) || looks_left <= 0) return reactor.stop();
  stop_timer_.start(kLook, [this, looks_left, is_over] { stop_when_ended(looks_left - 1, is_over); });
}

void Frame::report(const bus::LinkEvent& event) {
  const std::initializer_list<log::Field> fields = {{"peer", event.endpoint}, {"detail", event.text}};
  switch (event.kind) {
    case bus::LinkEvent::Kind::kConnected:
      return log.info("peer_connected", fields);
    case bus::LinkEvent::Kind::kLost:
      return log.info("peer_lost", fields);
    case bus::LinkEvent::Kind::kRefused:
    case bus::LinkEvent::Kind::kUnresolved:
      return report_stranger(event.text);
    case bus::LinkEvent::Kind::kFrameRefused:
      return report_frame(event);
  }
}

// By the other side, where this one connects: the word for it is in the text.
void Frame::report_frame(const bus::LinkEvent& event) {
  refused_frames(event.rule.empty() ? "by_other_side" : std::string(event.rule)).add();
  if (const auto kept_back = frame_lines_.pass(clock.mono()))
    log.warning("frame_refused",
                {{"peer", event.endpoint}, {"detail", event.text}, {"kept_back", *kept_back}});
}

bus::Authenticator::Settings Frame::authenticator(std::string directory) {
  keys_health_ = &health.part("authorized_keys");
  return {.directory = std::move(directory),
          .on_read = [this](const bus::KeyFolder& folder) { report_keys(folder); },
          .on_refused = [this](bus::Authenticator::Reason why, const std::string& text,
                               const std::string& key) { report_refusal(why, text, key); }};
}

metrics::Counter& Frame::refused(const char* reason) {
  return registry.counter("rostrum_" + name_ + "_peers_refused_total",
                          "Connections that we refused, by reason", {{"reason", reason}});
}

metrics::Counter& Frame::refused_frames(const std::string& rule) {
  return registry.counter("rostrum_" + name_ + "_frames_refused_total",
                          "Frames of connected peers that broke a rule of the link, by the rule",
                          {{"rule", rule}});
}

metrics::Gauge& Frame::keys(const char* state) {
  return registry.gauge("rostrum_" + name_ + "_authorized_keys",
                        "Files of authorized_keys/ that are in force (good), or that grant nothing because "
                        "something is wrong with them or with the folder (wrong)",
                        {{"state", state}});
}

metrics::Gauge& Frame::connected(const char* state) {
  return registry.gauge("rostrum_" + name_ + "_connections",
                        "Connections to our port: of peers, and those that have not said anything yet "
                        "(silent: handshakes, strangers)",
                        {{"state", state}});
}

metrics::Counter& Frame::cut(const char* reason) {
  return registry.counter(
      "rostrum_" + name_ + "_connections_cut_total",
      "Connections we ended: the oldest silent ones of too many, newcomers when there were "
      "too many in all (excess), whose key is not in force any more (revoked), or that chose "
      "a routing_id",
      {{"reason", reason}});
}

std::function<void(const bus::ConnectionReport&)> Frame::connections() {
  return [this](const bus::ConnectionReport& report) { report_connections(report); };
}

void Frame::report_connections(const bus::ConnectionReport& report) {
  peer_connections_.set(static_cast<double>(report.connections - report.silent));
  silent_connections_.set(static_cast<double>(report.silent));
  cut_silent_.add(static_cast<double>(report.cut_silent));
  cut_excess_.add(static_cast<double>(report.cut_excess));
  cut_revoked_.add(static_cast<double>(report.cut_revoked));
  cut_routing_id_.add(static_cast<double>(report.cut_routing_id));
  if (report.cut_silent + report.cut_excess + report.cut_revoked + report.cut_routing_id == 0) return;
  if (const auto kept_back = stranger_lines_.pass(clock.mono()))
    log.warning("connections_cut", {{"silent", report.cut_silent},
                                    {"excess", report.cut_excess},
                                    {"revoked", report.cut_revoked},
                                    {"routing_id", report.cut_routing_id},
                                    {"kept_back", *kept_back}});
}

// One wrong file does not make the service unready: the others' work goes on.
void Frame::report_keys(const bus::KeyFolder& folder) {
  const auto mistakes = folder.all_mistakes();
  const auto good = folder.in_force().size();
  const auto wrong = folder.trusted() ? folder.wrong_files() : std::max<std::size_t>(1, folder.files.size());
  good_keys_.set(static_cast<double>(good));
  wrong_keys_.set(static_cast<double>(wrong));
  if (!folder.trusted())
    keys_health_->bad("nobody is let in: " + mistakes.front());
  else
    keys_health_->good(mistakes.empty() ? "" : std::to_string(wrong) + " wrong: " + mistakes.front());
  for (const auto& mistake : mistakes)
    log.error(folder.trusted() ? "key_file_wrong" : "key_folder_closed", {{"detail", mistake}});
  log.info("keys_loaded", {{"in_force", good}, {"wrong", wrong}});
}

void Frame::report_refusal(bus::Authenticator::Reason why, const std::string& text, const std::string& key) {
  using Reason = bus::Authenticator::Reason;
  auto& counter = why == Reason::kKey      ? refused_keys_
                  : why == Reason::kFolder ? refused_by_folder_
                                           : refused_mechanisms_;
  counter.add();
  if (const auto kept_back = stranger_lines_.pass(clock.mono()))
    log.warning("peer_refused", {{"reason", text}, {"key", key}, {"kept_back", *kept_back}});
}

void Frame::report_stranger(const std::string& text) {
  refused_handshakes_.add();
  if (const auto kept_back = stranger_lines_.pass(clock.mono()))
    log.warning("peer_refused", {{"reason", text}, {"kept_back", *kept_back}});
}

}  // namespace rostrum::service
