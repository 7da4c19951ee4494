# SPDX-License-Identifier: GPL-3.0-or-later
"""The Grafana dashboard, as its tests look at it."""
import json
import re
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "deploy/grafana/dashboards/rostrum.json"


def load() -> dict:
    return json.loads(FILE.read_text())


def panels() -> list[dict]:
    """All panels but the rows that only hold them."""
    return [panel for panel in load()["panels"] if panel["type"] != "row"]


def expressions(rate_interval: str) -> list[tuple[str, str]]:
    """(title of the panel, expression) with Grafana's variable filled in."""
    found = [(panel["title"], target["expr"].replace("$__rate_interval", rate_interval))
             for panel in panels() for target in panel["targets"]]
    unknown = [expression for _, expression in found if re.search(r"\$", expression)]
    assert not unknown, f"variables that nobody fills in: {unknown}"
    return found
