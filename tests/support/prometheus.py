# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Prometheus (Debian's package) that watches one installation with the configuration of deploy/prometheus."""
import json
import math
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from lab.process import Process
from lab.services import Services

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy/prometheus"


@dataclass(frozen=True)
class Answer:
    """What came of one expression: the values of its series, or an error."""
    values: tuple[float, ...] = ()
    error: str = ""

    def has_data(self) -> bool:
        return any(not math.isnan(value) for value in self.values)


class Prometheus:
    """Scrapes and evaluates every second. Use it with `with`."""

    def __init__(self, services: Services):
        self._services = services
        self.folder = services.folder / "prometheus"
        self.address = f"127.0.0.1:{services.lab.ports.take()}"

    def __enter__(self) -> "Prometheus":
        self.folder.mkdir()
        (self.folder / "alerts.yml").write_text((CONFIGURATION / "alerts.yml").read_text())
        (self.folder / "prometheus.yml").write_text(self._configuration())
        self._process = Process("prometheus", [
            "prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
            f"--web.listen-address={self.address}", "--log.level=warn"], self.folder / "prometheus.log")
        self._process.wait_ready(self._is_ready, 30)
        return self

    def __exit__(self, *_) -> None:
        self._process.stop()

    def ask(self, expression: str) -> Answer:
        """An instant query, now."""
        try:
            result = self._get("query", query=expression)["result"]
        except urllib.error.HTTPError as error:
            return Answer(error=json.loads(error.read())["error"])
        return Answer(values=tuple(float(series["value"][1]) for series in result))

    def rules(self) -> list[dict]:
        """The alerts as Prometheus has them: name, query, health, lastError, alerts (those that are pending or firing), annotations."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def _get(self, what: str, **parameters: str) -> dict:
        url = f"http://{self.address}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _configuration(self) -> str:
        """The file as it stands, but for the ports, every target by its job, and the pace."""
        def targets(found: re.Match) -> str:
            instances = [instance for instance in self._services.instances.values() if instance.service == found[2]]
            return f"{found[1]}[{', '.join(f'127.0.0.1:{instance.http_port}' for instance in instances)}]"
        text = (CONFIGURATION / "prometheus.yml").read_text()
        text = re.sub(r"(job_name: rostrum-(\w+)\n.*targets: )\[.*?\]", targets, text)
        return text.replace("interval: 15s", "interval: 1s")
