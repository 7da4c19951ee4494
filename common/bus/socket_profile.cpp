// SPDX-License-Identifier: Apache-2.0
#include "common/bus/socket_profile.hpp"

#include <string>

#include <zmq.hpp>

namespace rostrum::bus {

namespace {

// ZMQ_ZAP_ENFORCE_DOMAIN: its number is in the library, its name only in the header for drafts. Without it a
// missing ZAP handler lets everybody in.
constexpr int kZapEnforceDomain = 93;

void limit(zmq::socket_t& socket, std::uint32_t max_frame_bytes) {
  namespace option = zmq::sockopt;
  // Counts before authentication, and is unlimited by default: a stranger could fill the memory.
  socket.set(option::maxmsgsize, static_cast<std::int64_t>(max_frame_bytes));
  socket.set(option::sndhwm, 100);
  socket.set(option::rcvhwm, 100);
  socket.set(option::linger, 0);
}

void set_time_limits(zmq::socket_t& socket) {
  namespace option = zmq::sockopt;
  socket.set(option::handshake_ivl, 3'000);
  socket.set(option::connect_timeout, 2'000);
  // No heartbeats of libzmq's: 4.3.4 ends the process when one is due on a connection that was lost while its
  // messages were not read (stream_engine_base.cpp, !_io_error). The connecting side goes by Credit, which
  // comes each second; the binding side by the kernel, to which that Credit must be acknowledged.
  socket.set(option::heartbeat_ivl, 0);
  socket.set(option::tcp_maxrt, 10'000);
  socket.set(option::tcp_keepalive, 1);
  socket.set(option::tcp_keepalive_idle, 10);
  socket.set(option::tcp_keepalive_intvl, 5);
  socket.set(option::tcp_keepalive_cnt, 3);
}

void become_server(zmq::socket_t& socket, const KeyPair& own) {
  namespace option = zmq::sockopt;
  socket.set(option::curve_server, true);
  socket.set(option::curve_secretkey, std::string(own.secret_key.reveal()));
  socket.set(option::zap_domain, std::string(kZapDomain));
  const int enforce = 1;
  int kept = 0;
  std::size_t size = sizeof kept;
  ROSTRUM_INVARIANT(zmq_setsockopt(socket.handle(), kZapEnforceDomain, &enforce, sizeof enforce) == 0);
  ROSTRUM_INVARIANT(zmq_getsockopt(socket.handle(), kZapEnforceDomain, &kept, &size) == 0 && kept == 1);
  ROSTRUM_INVARIANT(socket.get(option::zap_domain) == kZapDomain);
  // Of each peer, beside what the owner has read: 2 MiB where frames are as large as may be, not 25.
  socket.set(option::rcvhwm, 8);
  // Without it messages to peers that are gone vanish without a word.
  socket.set(option::router_mandatory, true);
}

void become_client(zmq::socket_t& socket, const KeyPair& own, const PublicKey& server) {
  namespace option = zmq::sockopt;
  socket.set(option::curve_serverkey, server.z85());
  socket.set(option::curve_publickey, own.public_key.z85());
  socket.set(option::curve_secretkey, std::string(own.secret_key.reveal()));
  // One socket, one connection: a client that was refused would never come back by itself, so every attempt
  // is ours. An hour and not never, and without ZMQ_IMMEDIATE: else libzmq throws away, when a connection
  // ends, what it has received and we have not read yet (session_base.cpp, reconnect).
  socket.set(option::reconnect_ivl, 3'600'000);
}

}  // namespace

void apply_profile(zmq::socket_t& socket, const SocketIdentity& identity, std::uint32_t max_frame_bytes) {
  limit(socket, max_frame_bytes);
  set_time_limits(socket);
  if (identity.server)
    become_client(socket, identity.own, *identity.server);
  else
    become_server(socket, identity.own);
  ROSTRUM_INVARIANT(socket.get(zmq::sockopt::mechanism) == ZMQ_CURVE);
}

void allow_ipv6_for(zmq::socket_t& socket, const std::string& endpoint) {
  if (endpoint.find('[') != std::string::npos) socket.set(zmq::sockopt::ipv6, true);
}

}  // namespace rostrum::bus
