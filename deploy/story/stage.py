# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the story plays: the build, the private servers, Rostrum's services."""
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from lab.lab import Lab
from lab.services import Services
from telling import Failed, Telling

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
RUNTIME = VAR / "demo"  # a link to where it runs
LOGS = VAR / "logs"


class AlreadyRunning(Exception):
    pass


class Checkout:
    """This checkout's own demo: one at a time, and the leftovers of the one before."""

    def __init__(self):
        VAR.mkdir(exist_ok=True)
        self._lock = open(VAR / "demo.lock", "a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"A demo is already running in {ROOT}; stop it with Ctrl-C there.") from None

    def fresh_directory(self) -> Path:
        """Short and outside: a Unix socket's path has at most 107 bytes, and PostgreSQL's user may not enter everybody's home."""
        self.remove_runtime()
        directory = Path(tempfile.mkdtemp(prefix="rostrum-", dir="/tmp"))
        RUNTIME.symlink_to(directory)
        return directory

    def put_away(self) -> None:
        """At the end only the logs stay."""
        if RUNTIME.is_symlink():
            shutil.rmtree(LOGS, ignore_errors=True)
            LOGS.mkdir()
            for log in RUNTIME.readlink().glob("**/*.log"):
                shutil.copyfile(log, LOGS / log.name)
        self.remove_runtime()

    def remove_runtime(self) -> None:
        if RUNTIME.is_symlink():
            shutil.rmtree(RUNTIME.readlink(), ignore_errors=True)
            RUNTIME.unlink()

    def clean(self) -> None:
        self.remove_runtime()
        shutil.rmtree(VAR, ignore_errors=True)
        shutil.rmtree(ROOT / "build" / "release", ignore_errors=True)
        if (ROOT / "build").is_dir() and not any((ROOT / "build").iterdir()):
            (ROOT / "build").rmdir()


def build(telling: Telling) -> Path:
    """The release preset; returns where the executables are."""
    directory = ROOT / "build" / "release"
    with telling.step("building (the first time takes some minutes)") as step:
        configured = subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, capture_output=True, text=True)
        if configured.returncode != 0:
            raise Failed("cmake to configure", configured.stdout + configured.stderr)
        log = VAR / "build.log"
        done = _ninja(telling, directory, log)
        if done != 0:
            raise Failed("the build to succeed", f"ninja's words in {log}, ending with\n{_tail(log)}")
        step.says("built: build/release/bin")
    return directory / "bin"


def _ninja(telling: Telling, directory: Path, log: Path) -> int:
    # Paths relative to the checkout: a second clone finds what the first one compiled.
    environment = dict(os.environ, NINJA_STATUS="[%f/%t] ", CCACHE_BASEDIR=str(ROOT), CCACHE_NOHASHDIR="1")
    with open(log, "w", buffering=1) as words, subprocess.Popen(["ninja", "-C", directory], env=environment, text=True,
                                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as ninja:
        for line in ninja.stdout:
            words.write(line)
            if count := re.match(r"\[\d+/\d+\]", line):
                telling.progress(f"building {count.group()} (the first time takes some minutes)")
    return ninja.returncode


def _tail(path: Path, lines: int = 30) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def servers(telling: Telling, directory: Path, running: ExitStack) -> Lab:
    lab = Lab(directory, host="site.test")
    running.callback(lab.close)
    with telling.step("PostgreSQL 15") as step:
        lab.start_postgres()
        step.says(f"PostgreSQL {lab.postgres.psql('SHOW server_version').split()[0]} answers: private, port {lab.postgres.port}")
    with telling.step("Prosody 0.12") as step:
        lab.start_prosody()
        step.says(f"Prosody answers: private, {lab.domain} on port {lab.prosody.port}, TLS required, own CA")
    return lab


def rostrum(telling: Telling, lab: Lab, binaries: Path, running: ExitStack) -> Services:
    services = Services(lab, binaries, counts={"gateway": 2})
    running.callback(services.stop_all)
    with telling.step("keys, rostrum.toml, schema") as step:
        services.install()
        migrations = services.rows("SELECT count(*) AS count FROM rostrum.migration")[0].count
        step.says(f"keys and rostrum.toml are written; `rostrum migrate` applied {migrations} migrations")
    with telling.step("registration, notification, presence, two gateways") as step:
        services.start_all()
        step.says("registration, notification, presence and two gateways say on /readyz that they are ready")
    return services
