// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/link_settings.hpp"

#include <charconv>
#include <utility>

namespace rostrum::service {
namespace {

constexpr std::string_view kScheme = "tcp://";
constexpr unsigned kMostPort = 65'535;
constexpr std::uint32_t kMib = 1'024 * 1'024;

/// What is wrong with "tcp://host:port"; names are looked up later.
std::optional<std::string> endpoint_problem(std::string_view text) {
  const std::string wanted = "must be tcp://host:port, as in tcp://127.0.0.1:5571";
  if (!text.starts_with(kScheme)) return wanted;
  const auto colon = text.rfind(':');
  if (colon <= kScheme.size()) return wanted;  // no host, or only the colon of the scheme
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end || port == 0 || port > kMostPort) return wanted;
  return std::nullopt;
}

template <class Key, class Read>
std::optional<Key> key_file(config::Section& section, std::string_view name, std::string_view help,
                            const Read& read) {
  const auto path = section.file(name, std::nullopt, help);
  if (path.empty()) return std::nullopt;
  auto key = read(path);
  if (key.ok()) return std::move(key).value();
  section.mistake(name, key.error().text);
  return std::nullopt;
}

}  // namespace

std::string listen_endpoint(config::Section& section, const std::string& default_value,
                            std::string_view help) {
  return section.checked("listen", default_value, "tcp://address:port", help,
                         [](const std::string& value) { return endpoint_problem(value); });
}

bus::LinkLimits limits(config::Section& section, const std::string& work, bus::LinkLimits limits) {
  const auto read = [&](std::string_view key, std::int64_t least, std::int64_t most, std::uint32_t& value,
                        std::uint32_t unit, const std::string& help) {
    value = unit * static_cast<std::uint32_t>(section.integer(key, least, most, value / unit, help));
  };
  read("peers", 1, 65'536, limits.max_peers, 1, "Peers that may be connected at once.");
  read("budget", limits.max_batch, 1'000'000, limits.window_total, 1,
       work + " that all peers together may have unanswered.");
  read("budget_mib", 1, 2'048, limits.window_total_bytes, kMib,
       "The same in MiB of them, beyond which nothing more is read.");
  read("peer_budget", 1, 1'000'000, limits.window, 1, work + " that one peer may have unanswered.");
  read("peer_budget_mib", 1, 2'048, limits.window_bytes, kMib, "The same in MiB of them.");
  return limits;
}

std::vector<std::string> endpoints(config::Section& section, std::string_view key,
                                   const std::string& default_value, std::string_view help) {
  auto all = section.texts(key, std::vector<std::string>{default_value}, help);
  if (all.empty()) section.mistake(key, "at least one endpoint is needed");
  for (const auto& one : all) {
    if (const auto problem = endpoint_problem(one)) section.mistake(key, "\"" + one + "\": " + *problem);
  }
  return all;
}

std::optional<bus::KeyPair> key_pair(config::Section& section, std::string_view key, std::string_view help) {
  return key_file<bus::KeyPair>(section, key, help, bus::read_secret_key);
}

std::optional<bus::PublicKey> public_key(config::Section& section, std::string_view key,
                                         std::string_view help) {
  return key_file<bus::PublicKey>(section, key, help, bus::read_public_key);
}

}  // namespace rostrum::service
