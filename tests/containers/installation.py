# SPDX-License-Identifier: GPL-3.0-or-later
"""docker-compose.yml brought up, and looked at from outside."""
import json
import os
import signal
import socket
import urllib.parse
import urllib.request
from pathlib import Path

import images
from engine import Engine
from lab.ports import Ports
from lab.process import LabError

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = "example.test"
PROJECT = "rostrum"
SERVICES = ("registration", "notification", "presence", "gateway")
WITHOUT_GRAFANA = (*SERVICES, "prometheus")  # whatever these depend on comes up with them
EVERYTHING = (*WITHOUT_GRAFANA, "postgres", "prosody")


def _first_free(count: int) -> int:
    """The first of so many free ports next to each other."""
    for first in range(24000, 31000, count):
        try:
            sockets = [socket.create_server(("127.0.0.1", port)) for port in range(first, first + count)]
        except OSError:
            continue
        for each in sockets:
            each.close()
        return first
    raise LabError(f"no {count} free ports")


class Installation:
    def __init__(self, engine: Engine, ports: Ports):
        self.engine = engine
        self.jabber_port, self._prometheus_port = ports.take(), ports.take()
        first = _first_free(8)
        self._environment = images.NAMES | {
            "COMPOSE_PROJECT_NAME": PROJECT, "JABBER_DOMAIN": DOMAIN, "JABBER_PORT": str(self.jabber_port),
            "PROMETHEUS_PORT": str(self._prometheus_port), "REGISTRATION_PORTS": f"{first}-{first + 3}",
            "NOTIFICATION_PORTS": f"{first + 4}-{first + 7}"}

    # -- compose -------------------------------------------------------------------------------------------------

    def compose(self, *arguments: str, **options) -> str:
        return self.engine.run(["/usr/bin/docker-compose", "--no-ansi", *arguments], environment=self._environment, cwd=ROOT, **options)

    def up(self, **scale: int) -> None:
        """Detached, with so many instances of each service."""
        counts = [word for service, count in scale.items() for word in ("--scale", f"{service}={count}")]
        self.compose("up", "--detach", "--no-build", *counts, *WITHOUT_GRAFANA)

    def forget(self) -> None:
        """Containers, networks and volumes; images stay."""
        self.compose("down", "--volumes", "--remove-orphans")

    def tool(self, *arguments: str, **options) -> str:
        """`rostrum`, as the site and the operator run it."""
        return self.compose("run", "--rm", "-T", "rostrum", *arguments, **options)

    def tool_json(self, *arguments: str) -> object:
        return json.loads(self.tool("--json", *arguments))

    def file(self, path: str) -> str:
        """What the tool's container has there."""
        return self.compose("run", "--rm", "-T", "--entrypoint", "cat", "rostrum", path)

    def secrets(self) -> dict[str, str]:
        """File in the vault → the line that nobody may know."""
        lines = self.compose("run", "--rm", "-T", "--entrypoint", "grep", "setup", "-r", "^[^#-]", "/vault").splitlines()
        found: dict[str, str] = {}
        for path, _, line in (line.partition(":") for line in lines):
            if not path.endswith((".public", ".crt")):
                found.setdefault(path, line)
        return found

    def outside(self, folder: Path, *arguments: str) -> str:
        """`rostrum` as a site on this machine that is none of the containers; its files are in `folder`, which it sees as /site."""
        lines = ["[cli]", 'source_key = "keys/forum.secret"']
        for service, port in (("registration", 5571), ("notification", 5572)):
            (folder / f"{service}.public").write_text(self.file(f"/run/rostrum/{service}.public"))
            lines += [f'{service} = ["tcp://{self.compose("port", service, str(port)).strip()}"]', f'{service}_key = "{service}.public"']
        (folder / "rostrum.toml").write_text("\n".join(lines))
        return self.engine.docker("run", "--rm", "--network", "host", "--user", "0", "--volume", f"{folder}:/site",
                                  "--entrypoint", "rostrum", "rostrum", "--config", "/site/rostrum.toml", *arguments)

    def how_to_look(self) -> str:
        words = [f"{name}={value}" for name, value in (self.engine.environment | self._environment).items() if name not in ("PATH", "HOME")]
        return " ".join([*words, "/usr/bin/docker-compose ps"])

    # -- containers ----------------------------------------------------------------------------------------------

    def containers(self, service: str) -> list[str]:
        """Ids of those that run."""
        return self.engine.docker("ps", "--quiet", "--no-trunc", "--filter", f"label=com.docker.compose.project={PROJECT}",
                                  "--filter", f"label=com.docker.compose.service={service}").split()

    def inspect(self, container: str) -> dict:
        return json.loads(self.engine.docker("inspect", container))[0]

    def all_containers(self) -> dict[str, str]:
        """Name → id of those that run."""
        return {self.inspect(container)["Name"].strip("/"): container for service in EVERYTHING for container in self.containers(service)}

    def health(self, service: str) -> list[str]:
        return [self.inspect(container)["State"]["Health"]["Status"] for container in self.containers(service)]

    def users_of(self, container: str) -> set[str]:
        return {row.split()[1] for row in self.engine.docker("top", container, "-o", "pid,uid").splitlines()[1:]}

    def gateways_known_to(self, container: str) -> set[str]:
        """The addresses of those that the service in it is connected to, as its own network has it (proc(5), net/tcp)."""
        rows = [row.split() for row in Path(f"/proc/{self.inspect(container)['State']['Pid']}/net/tcp").read_text().splitlines()[1:]]
        established = [remote.split(":") for _, _, remote, state, *_ in rows if state == "01"]
        return {".".join(map(str, reversed(bytes.fromhex(address)))) for address, port in established if int(port, 16) == 5573}

    def addresses(self, service: str) -> dict[str, str]:
        """Address in the common network → container."""
        return {self.inspect(container)["NetworkSettings"]["Networks"][f"{PROJECT}_default"]["IPAddress"]: container
                for container in self.containers(service)}

    def kill(self, container: str) -> None:
        """kill -9 from outside the engine, which takes it for the accident it is and starts the container again."""
        os.kill(self.inspect(container)["State"]["Pid"], signal.SIGKILL)

    # -- Prometheus ----------------------------------------------------------------------------------------------

    def measured(self, expression: str) -> dict[str, float]:
        """Address of an instance → value."""
        result = self._prometheus("query", query=expression)["result"]
        return {series["metric"].get("instance", "").partition(":")[0]: float(series["value"][1]) for series in result}

    def rules(self) -> list[dict]:
        return [rule for group in self._prometheus("rules")["groups"] for rule in group["rules"]]

    def _prometheus(self, what: str, **parameters: str) -> dict:
        url = f"http://127.0.0.1:{self._prometheus_port}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]
