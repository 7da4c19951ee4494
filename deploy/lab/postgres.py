# SPDX-License-Identifier: GPL-3.0-or-later
"""A private PostgreSQL: its own cluster, a Unix socket for the services, a loopback port for tests that need one."""

import os
import pwd
import secrets
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from .process import LabError, Process, children_of, give_to, is_alive, run, unprivileged, wait_until

_OS_USER = "postgres"
_STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}

SUPERUSER = "postgres"
OWNER = "rostrum_owner"
# Whom the operating-system user of the services may be on the socket; `rostrum migrate` makes all but the first two.
ROLES = (SUPERUSER, OWNER, "rostrum_registration", "rostrum_notification", "rostrum_presence", "rostrum_reader", "rostrum_operator")

# Durability as in earnest (that is what the tests are about), memory as for a guest.
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0777   # the folder above decides who may come near; pg_hba.conf who may come in
max_connections = 100
shared_buffers = 64MB
fsync = on
synchronous_commit = on
full_page_writes = on
log_line_prefix = '%m [%p] %u@%d '
log_min_duration_statement = 1000
password_encryption = 'scram-sha-256'
"""


def _binaries():
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise LabError("PostgreSQL's server is not installed (apt install postgresql)")
    return versions[-1].parent


class Postgres:
    def __init__(self, folder, port, database="rostrum"):
        self.folder = Path(folder)
        self.port = port
        self.database = database
        self.data = self.folder / "data"
        self.log_path = self.folder / "postgres.log"
        self.password_file = self.folder / "superuser.password"
        self._process = None

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process is not None and self._process.is_running()

    def conninfo(self, user=SUPERUSER, database=None):
        """Over the Unix socket; the operating system says who we are."""
        return f"host={self.folder} port={self.port} dbname={database or self.database} user={user}"

    def create(self):
        """initdb, unless there is a cluster already."""
        if (self.data / "PG_VERSION").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.password_file.write_text(secrets.token_urlsafe(24) + "\n")
        self.password_file.chmod(0o600)
        give_to(_OS_USER, self.folder)
        run([_binaries() / "initdb", "--pgdata", self.data, "--username", SUPERUSER, "--encoding", "UTF8", "--locale", "C.UTF-8",
             "--auth", "scram-sha-256", "--pwfile", self.password_file, "--no-sync", "--no-instructions"],
            what="initdb", **unprivileged(_OS_USER))
        me = pwd.getpwuid(os.geteuid()).pw_name
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(_SETTINGS + f"port = {self.port}\nunix_socket_directories = '{self.folder}'\n")
        (self.data / "pg_hba.conf").write_text(
            "local all all peer map=lab\nhost all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        system_users = {me, _OS_USER}
        (self.data / "pg_ident.conf").write_text(
            "".join(f"lab {system_user} {role}\n" for system_user in sorted(system_users) for role in ROLES), encoding="utf-8")

    def start(self, deadline_s=30):
        self.create()
        self._process = Process("postgres", [_binaries() / "postgres", "-D", self.data], self.log_path, user=_OS_USER,
                                death_signal=signal.SIGINT, cwd=self.folder)
        self._process.wait_ready(self._accepts, deadline_s)
        self._ensure_database()

    def _accepts(self):
        return subprocess.run([_binaries() / "pg_isready", "-q", "-h", self.folder, "-p", str(self.port)], check=False).returncode == 0

    def _ensure_database(self):
        if self.psql(f"SELECT 1 FROM pg_database WHERE datname = '{self.database}'", database="postgres"):
            return
        if not self.psql(f"SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}'", database="postgres"):
            self.psql(f"CREATE ROLE {OWNER} LOGIN CREATEROLE", database="postgres")
        self.psql(f"CREATE DATABASE {self.database} OWNER {OWNER}", database="postgres")

    def psql(self, statement, user=SUPERUSER, database=None):
        """Runs one statement and returns its rows as text, columns separated by '|'."""
        return run([_binaries() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(user, database), "-c", statement],
                   what="psql").strip()

    def stop(self, mode="fast", deadline_s=30):
        if self._process is not None:
            self._process.stop(_STOP_SIGNALS[mode], deadline_s)

    def kill9(self):
        """The postmaster and, right after it, its children: one busy with a query would keep the data directory from the next server."""
        children = children_of(self.pid)
        self._process.kill()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        wait_until(lambda: not any(is_alive(child) for child in children), 10, "PostgreSQL's children to be gone")

    def pause(self):
        """It stands still, connections open; the postmaster first, so that no child is missed."""
        self._process.send_signal(signal.SIGSTOP)
        self._signal_children(signal.SIGSTOP)

    def resume(self):
        self._signal_children(signal.SIGCONT)
        self._process.send_signal(signal.SIGCONT)

    def _signal_children(self, number):
        for child in children_of(self.pid):
            with suppress(ProcessLookupError):
                os.kill(child, number)

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()
