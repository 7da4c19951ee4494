// SPDX-License-Identifier: Apache-2.0
#include "common/bus/authenticator.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <zmq.hpp>

#include "common/bus/socket_profile.hpp"

namespace rostrum::bus {

namespace {

constexpr const char* kEndpoint = "inproc://zeromq.zap.01";  // ZeroMQ RFC 27 fixes it
constexpr int kRequestsPerTurn = 16;
constexpr std::size_t kCurveKeyBytes = 32;

/// Changes whenever a file of the folder comes, goes, is written or touched, or a mode of it, of the folder
/// or of the one above changes.
using Fingerprint = std::vector<std::tuple<std::string, ino_t, mode_t, off_t, time_t, long, time_t, long>>;

void add_to(Fingerprint& files, const std::filesystem::path& path, const std::string& name) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return;
  if (name == "..") about.st_mtim = about.st_ctim = {};  // others' files come and go there
  files.emplace_back(name, about.st_ino, about.st_mode, about.st_size, about.st_mtim.tv_sec,
                     about.st_mtim.tv_nsec, about.st_ctim.tv_sec, about.st_ctim.tv_nsec);
}

Fingerprint fingerprint_of(const std::string& directory) {
  Fingerprint files;
  std::error_code error;
  const std::filesystem::path folder(directory);
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error))
    add_to(files, entries->path(), entries->path().filename().string());
  if (error) return {};
  std::sort(files.begin(), files.end());
  add_to(files, folder, ".");
  add_to(files, folder / "..", "..");
  return files;
}

/// A ZAP request's frames: version, request id, domain, address, routing id, mechanism, credentials (ZeroMQ
/// RFC 27).
using Request = std::vector<std::string>;
enum Field : std::size_t {
  kVersion,
  kRequestId,
  kDomain,
  kAddress,
  kRoutingId,
  kMechanism,
  kCredentials,
  kFieldCount
};

struct Verdict {
  std::string_view status;
  std::string reason;
  std::string user_id = {};
  Authenticator::Reason why = Authenticator::Reason::kMechanism;
};

}  // namespace

struct Authenticator::State {
  State(Reactor& r, Settings s)
      : reactor(r), settings(std::move(s)), socket(r.context(), zmq::socket_type::rep), reload_timer(r) {
    socket.set(zmq::sockopt::linger, 0);
    socket.bind(kEndpoint);
    reactor.watch(socket, [this] { serve(); });
    reload();
  }
  ~State() {
    reactor.unwatch(socket);
    socket.unbind(kEndpoint);  // at once: closing gives the name back only some time later
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void reload() {
    reload_timer.start(settings.look_every, [this] { reload(); });
    // Taken before reading: what changes in between is seen the next time. After a mistake every look reads
    // again: what was in the way may lie outside the files.
    auto seen = fingerprint_of(settings.directory);
    if (folder && told_mistakes.empty() && seen == in_force) return;
    auto read = read_key_folder(settings.directory);
    auto mistakes = read.all_mistakes();
    const bool news = !folder || seen != in_force || mistakes != told_mistakes;
    folder = std::move(read);
    keys = folder->in_force();
    in_force = std::move(seen);
    told_mistakes = std::move(mistakes);
    if (news) settings.on_read(*folder);
  }

  void serve() {
    for (int requests = 0; requests < kRequestsPerTurn; ++requests) {
      Request request;
      zmq::message_t part;
      do {
        if (!socket.recv(part, zmq::recv_flags::dontwait)) return;
        request.push_back(part.to_string());
      } while (part.more());
      answer(request, judge(request));
    }
  }

  Verdict judge(const Request& request) const {
    if (request.size() <= kMechanism || request[kVersion] != "1.0") return {"400", "malformed ZAP request"};
    if (request[kDomain] != kZapDomain) return {"400", "foreign ZAP domain"};
    if (request[kMechanism] != "CURVE" || request.size() != kFieldCount ||
        request[kCredentials].size() != kCurveKeyBytes)
      return {"400", "only CURVE comes in"};
    std::array<char, 41> text{};
    zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(request[kCredentials].data()),
                   kCurveKeyBytes);
    // 300 parks a client for a while; 400 would send it away for good although nothing is known against it.
    if (!folder->trusted())
      return {"300", "the folder of authorized keys is not to be trusted", text.data(), Reason::kFolder};
    const auto key = PublicKey::parse(text.data());
    if (!key || keys.find_by_key(*key) == nullptr) return unknown(key, text.data());
    // The connection is known by its key, not by its name: of two keys that had one name after another, only
    // the present one has its authority.
    return {"200", "", key->z85()};
  }

  Verdict unknown(const std::optional<PublicKey>& key, const char* text) const {
    const auto* wrong = key ? folder->find_wrong(*key) : nullptr;
    return {"400", wrong == nullptr ? "unknown key" : "the file of this key is wrong: " + wrong->path, text,
            Reason::kKey};
  }

  void answer(const Request& request, const Verdict& verdict) {
    if (verdict.status != "200") settings.on_refused(verdict.why, verdict.reason, verdict.user_id);
    const std::string request_id = request.size() > kRequestId ? request[kRequestId] : "";
    const std::string user_id = verdict.status == "200" ? verdict.user_id : "";
    const std::array<std::string_view, 6> frames{"1.0",          request_id, verdict.status,
                                                 verdict.reason, user_id,    ""};
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const auto flags = i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
      socket.send(zmq::buffer(frames[i]), flags | zmq::send_flags::dontwait);
    }
  }

  Reactor& reactor;
  Settings settings;
  zmq::socket_t socket;
  std::optional<KeyFolder> folder;  ///< always there once made
  AuthorizedKeys keys;
  Fingerprint in_force;
  std::vector<std::string> told_mistakes;
  Timer reload_timer;
};

Authenticator::Authenticator(Reactor& reactor, Settings settings)
    : state_(std::make_unique<State>(reactor, std::move(settings))) {}

Authenticator::~Authenticator() = default;

const AuthorizedKeys& Authenticator::keys() const {
  return state_->keys;
}

}  // namespace rostrum::bus
