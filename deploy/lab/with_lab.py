#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""with_lab.py [--postgres] [--prosody [--plain]] -- COMMAND…: starts private servers, runs COMMAND, stops them; its exit status is ours.

--plain: a Prosody without Rostrum's module.

COMMAND finds in its environment
  ROSTRUM_LAB               the lab's folder
  ROSTRUM_LAB_CONTROL       a Unix socket; a line "postgres|prosody start|stop|kill9|restart|pause|resume", "postgres stop immediate" or
                            "prosody adduser NAME PASSWORD" is answered by "ok" or "error TEXT", and "prosody sessions" by "ok" and the
                            server's own list of who is available, a JSON array of {jid, resource, show, priority, status,
                            hibernating}
  ROSTRUM_TEST_DATABASE     conninfo as superuser; other roles by replacing user=
  ROSTRUM_TEST_JABBER_HOST, _PORT, _DOMAIN, _CA, _SITE, _SITE_PASSWORD_FILE, _CONTROL, _CONTROL_PASSWORD_FILE
It exits with 77 (skipped) and says why when a server is not installed."""

import argparse
import json
import os
import shutil
import socketserver
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.lab import Lab  # noqa: E402

_SKIPPED = 77
_COMMANDS = {name: {"start", "stop", "kill9", "restart", "pause", "resume"} for name in ("postgres", "prosody")}
_COMMANDS["prosody"] |= {"adduser", "deluser", "sessions"}


def environment(lab):
    values = {"ROSTRUM_LAB": lab.folder}
    if lab.postgres:
        values["ROSTRUM_TEST_DATABASE"] = lab.postgres.conninfo()
    if lab.prosody:
        jabber = {"HOST": lab.jabber_address[0], "PORT": lab.jabber_address[1], "DOMAIN": lab.domain, "CA": lab.ca,
                  "SITE": lab.site_jid, "SITE_PASSWORD_FILE": lab.site_password_file,
                  "CONTROL": lab.control_jid, "CONTROL_PASSWORD_FILE": lab.control_password_file}
        values.update({f"ROSTRUM_TEST_JABBER_{name}": value for name, value in jabber.items()})
    return {name: str(value) for name, value in values.items()}


def obey(lab, line):
    """Carries out one line of the control socket; returns what there is to say."""
    server, command, *arguments = line.split()
    if command not in _COMMANDS.get(server, ()) or getattr(lab, server) is None:
        raise ValueError(f"no such command: {line}")
    result = getattr(getattr(lab, server), command)(*arguments)
    return " " + json.dumps([asdict(session) for session in result]) if command == "sessions" else ""


def control_server(lab, path):
    """One connection at a time, served in the main thread: a child dies with the *thread* that started it (prctl(2))."""
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                try:
                    answer = "ok" + obey(lab, line.decode())
                except Exception as error:  # whatever it was, the test must hear of it
                    answer = "error " + " ".join(str(error).split())
                self.wfile.write(f"{answer}\n".encode())

    server = socketserver.UnixStreamServer(str(path), Handler)
    server.timeout = 0.05
    return server


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--prosody", action="store_true")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args()
    if chosen.prosody and not shutil.which("prosody"):
        print("SKIPPED: Prosody is not installed (apt install prosody)")
        return _SKIPPED
    if chosen.postgres and not any(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        print("SKIPPED: PostgreSQL's server is not installed (apt install postgresql-15)")
        return _SKIPPED
    plain = {"extra_host_settings": 'modules_disabled = { "rostrum" }'} if chosen.plain else {}
    with Lab(postgres=chosen.postgres, prosody=chosen.prosody, **plain) as lab:
        control = lab.folder / "control"
        with control_server(lab, control) as server:
            command = subprocess.Popen(chosen.command, env={**os.environ, **environment(lab), "ROSTRUM_LAB_CONTROL": str(control)})
            while command.poll() is None:
                server.handle_request()
            return command.returncode


if __name__ == "__main__":
    sys.exit(main())
