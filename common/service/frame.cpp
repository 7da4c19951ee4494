// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/frame.hpp"

#include <csignal>
#include <utility>

#include "common/metrics/http_port.hpp"

namespace rostrum::service {
namespace {

constexpr Milliseconds kBeat{500};
constexpr Milliseconds kLook{100};
constexpr int kLooks = 48;  // with the farewell below, five seconds

}  // namespace

Frame::Frame(std::string name, const log::Settings& logging)
    : name_(std::move(name)),
      log(name_, logging.format, logging.level),
      refused_peers_(
          registry.counter("rostrum_" + name_ + "_peers_refused_total",
                           "Connections refused, by us for their key or by the other side for ours")),
      refused_frames_(registry.counter("rostrum_" + name_ + "_frames_refused_total",
                                       "Frames of connected peers that broke a rule of the link")),
      ready_(registry.gauge("rostrum_ready", "Whether /readyz says that everything is there")) {
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
  if (!course_->at_rest() && looks_left > 0)
    return stop_timer_.start(kLook, [this, looks_left] { stop_when_at_rest(looks_left - 1); });
  course_->end();
  stop_timer_.start(kLook, [this] { reactor.stop(); });  // the last answers leave meanwhile
}

void Frame::report(const bus::LinkEvent& event) {
  const std::initializer_list<log::Field> fields = {{"peer", event.endpoint}, {"detail", event.text}};
  switch (event.kind) {
    case bus::LinkEvent::Kind::kConnected:
      return log.info("peer_connected", fields);
    case bus::LinkEvent::Kind::kLost:
      return log.info("peer_lost", fields);
    case bus::LinkEvent::Kind::kRefused:
      refused_peers_.add();
      return log.warning("peer_refused", fields);
    case bus::LinkEvent::Kind::kFrameRefused:
      refused_frames_.add();
      return log.warning("frame_refused", fields);
  }
}

bus::Authenticator::Settings Frame::authenticator(std::string directory) {
  return {.directory = std::move(directory),
          .on_reload =
              [this](const std::string& text, bool good) {
                good ? log.info("keys_loaded", {{"detail", text}})
                     : log.error("keys_unreadable", {{"detail", text}});
              },
          .on_refused =
              [this](const std::string& reason, const std::string& key) {
                refused_peers_.add();
                log.warning("peer_refused", {{"reason", reason}, {"key", key}});
              }};
}

}  // namespace rostrum::service
