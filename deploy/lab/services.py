# SPDX-License-Identifier: GPL-3.0-or-later
"""Rostrum's services on top of a Lab: configured, started, killed and restarted by name.

`registration`, `notification`, `presence` and `gateway` are the first instances; `gateway-2` is a second one."""
import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import psycopg2
import psycopg2.extras

from . import configuration
from .lab import Lab
from .process import Process

SERVICES = ("registration", "notification", "presence", "gateway")
COMMAND_DEADLINE_SECONDS = 60


@dataclass(frozen=True)
class Instance:
    service: str
    name: str
    port: int
    http_port: int

    @property
    def endpoint(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"


class Services:
    """`counts`: instances of a service, where not one. `options`: of rostrum.toml, for all instances of a service or for one by its name,
    as {"presence": {"lease_seconds": 3}, "gateway-2": {…}}."""

    def __init__(self, lab: Lab, binaries: Path, *, counts: dict[str, int] | None = None, options: dict[str, dict] | None = None,
                 log_level: str = "info"):
        self.lab = lab
        self.binaries = Path(binaries)
        self.folder = lab.folder
        self.log_level = log_level
        self.options = options or {}
        self.instances: dict[str, Instance] = {}
        for service in SERVICES:
            for number in range(1, (counts or {}).get(service, 1) + 1):
                name = service if number == 1 else f"{service}-{number}"
                self.instances[name] = Instance(service, name, lab.ports.take(), lab.ports.take())
        self.processes: dict[str, Process] = {}
        self.config = self.folder / "rostrum.toml"

    def install(self) -> str:
        """Keys, configuration, schema; returns what `rostrum migrate` said."""
        for name in ("logs", "run"):
            (self.folder / name).mkdir()
        configuration.write_keys(self.binaries / "rostrum", self.folder)
        configuration.write_toml(self.folder, self._values())
        return self.rostrum("migrate").stdout

    def __enter__(self) -> "Services":
        if not self.config.exists():
            self.install()
        self.start_all()
        return self

    def __exit__(self, *_) -> None:
        self.stop_all()

    # -- processes -----------------------------------------------------------------------------------------------

    def start_all(self) -> None:
        self.start(*self.instances)

    def stop_all(self) -> None:
        for name in list(self.processes):
            self.stop(name)

    def start(self, *names: str) -> None:
        """All side by side, for they are ready only with each other."""
        for name in names:
            self.launch(name)
        for name in names:
            self.wait_ready(name)

    def launch(self, name: str, **environment: str) -> None:
        """Starts without waiting; with this said in its environment beside the configuration."""
        service = self.instances[name].service
        self.processes[name] = Process(name, [self.binaries / f"rostrum-{service}", "--config", self.config], self.log(name),
                                       env=os.environ | self._environment(name) | environment)
        (self.folder / "run" / f"{name}.pid").write_text(f"{self.processes[name].pid}\n")

    def stop(self, name: str) -> int:
        """SIGTERM, and its exit code."""
        return self.processes.pop(name).stop()

    def kill(self, *names: str) -> None:
        """kill -9."""
        for name in names:
            self.processes.pop(name).kill()

    @contextmanager
    def paused(self, *names: str) -> Iterator[None]:
        """They stand still meanwhile, their connections open: to their peers as if the network were cut."""
        for name in names:
            self.processes[name].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for name in names:
                if name in self.processes:  # not killed meanwhile
                    self.processes[name].send_signal(signal.SIGCONT)

    def restart(self, name: str) -> None:
        self.stop(name)
        self.start(name)

    def is_running(self, name: str) -> bool:
        return name in self.processes and self.processes[name].is_running()

    def wait_ready(self, name: str, deadline_seconds: float = 60) -> None:
        self.processes[name].wait_ready(lambda: self.is_ready(name), deadline_seconds)

    def is_ready(self, name: str) -> bool:
        return self.health(name)[0] == 200

    def health(self, name: str) -> tuple[int, str]:
        """Status and text of /readyz; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.instances[name].http}/readyz", timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def metrics(self, name: str) -> dict[str, float]:
        """Every sample by its name with labels, as it stands in the exposition."""
        with urllib.request.urlopen(f"{self.instances[name].http}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return {sample: float(value) for sample, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))}

    def presence_owners(self) -> list[str]:
        """The gateways that say they own the domain's presence: one, or none, or for a moment more while one does not know yet."""
        gateways = [instance.name for instance in self._of("gateway") if self.is_running(instance.name)]
        return [name for name in gateways if self.metrics(name).get("rostrum_gateway_presence_owner")]

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    # -- asking from outside -------------------------------------------------------------------------------------

    def rostrum(self, *arguments: str, input: str | None = None, check: bool = True) -> subprocess.CompletedProcess:
        """The command-line tool on this installation's configuration."""
        done = subprocess.run([self.binaries / "rostrum", "--config", self.config, *arguments], input=input, text=True,
                              stdin=subprocess.DEVNULL if input is None else None, capture_output=True, timeout=COMMAND_DEADLINE_SECONDS)
        if check and done.returncode != 0:
            raise AssertionError(f"rostrum {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def rostrum_json(self, *arguments: str, input: str | None = None) -> object:
        return json.loads(self.rostrum("--json", *arguments, input=input).stdout)

    def rows(self, sql: str, *values: object) -> list:
        """What the documented views say, read as rostrum_reader; a fresh connection, so that it also serves after a restart of PostgreSQL."""
        connection = psycopg2.connect(self.lab.postgres.conninfo("rostrum_reader"), connect_timeout=5)
        try:
            with connection.cursor(cursor_factory=psycopg2.extras.NamedTupleCursor) as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall()
        finally:
            connection.close()

    # -- configuration -------------------------------------------------------------------------------------------

    def _environment(self, name: str) -> dict[str, str]:
        """What is said beside rostrum.toml: the first instance lives by the file alone, the others differ from it in where they listen."""
        instance = self.instances[name]
        options = {**self.options.get(instance.service, {}), **self.options.get(name, {})}
        if name != instance.service:
            options |= {"listen": instance.endpoint, "http": f"127.0.0.1:{instance.http_port}"}
        return {f"ROSTRUM_{instance.service.upper()}_{key.upper()}": str(value) for key, value in options.items()}

    def _of(self, service: str) -> list[Instance]:
        return [instance for instance in self.instances.values() if instance.service == service]

    def _values(self) -> dict[str, object]:
        lab = self.lab
        postgres = lab.postgres
        values: dict[str, object] = {
            "log_level": self.log_level, "domain": lab.domain, "jabber_port": lab.prosody.port, "ca": lab.ca,
            "site_jid": lab.site_jid, "control_jid": lab.control_jid,
            "site_password": lab.site_password_file, "control_password": lab.control_password_file,
            "database": f"host={postgres.folder} port={postgres.port} dbname={postgres.database}",
            "http_endpoints": [instance.http for instance in self.instances.values()]}
        for service in SERVICES:
            first, *_ = instances = self._of(service)
            values |= {f"{service}_port": first.port, f"{service}_http": first.http_port,
                       f"{service}_endpoints": [instance.endpoint for instance in instances]}
        return values
