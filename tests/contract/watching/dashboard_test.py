# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard as Grafana will read it: panels side by side, explained, and of series that exist. That each has data is seen by
e2e/watched_by_prometheus_test.py; that Grafana's own types agree, by tests/grafana/run."""
import itertools
import re
import unittest
from pathlib import Path

import dashboard

PAGE = (Path(__file__).resolve().parents[3] / "docs/metrics.md").read_text()
SERIES = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.M))
# Said better by another one beside it; that the history is kept, and how much of what is over is deleted, is nothing to watch by the minute.
LEFT_OUT = {"rostrum_build_info", "rostrum_gateway_commands_in_progress", "rostrum_gateway_events_credit_bytes", "rostrum_gateway_presence_observations_total",
            "rostrum_notification_deleted_total", "rostrum_notification_intake_batch_events", "rostrum_presence_batch_observations",
            "rostrum_presence_history_kept_timestamp_seconds", "rostrum_registration_intake_batch_events"}
# What matters only once an alert has called (of the database: that the service is not ready).
LEFT_OUT |= {f"rostrum_{service}_{name}" for service in ("registration", "notification", "presence", "gateway") for name in ("authorized_keys", "connections")}
LEFT_OUT |= {f"rostrum_{service}_database_failures_total" for service in ("registration", "notification", "presence")}
LEFT_OUT |= {f"rostrum_{service}_link_failures_total" for service in ("registration", "notification", "gateway")}


def overlap(one: dict, other: dict) -> bool:
    return (one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
            and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"])


class Dashboard(unittest.TestCase):
    def test_panels_stand_side_by_side(self):
        places = [(panel["title"], panel["gridPos"]) for panel in dashboard.load()["panels"]]
        for name, place in places:
            self.assertLessEqual(place["x"] + place["w"], 24, name)
        self.assertEqual([], [(a, b) for (a, one), (b, other) in itertools.combinations(places, 2) if overlap(one, other)])

    def test_ids_are_unique(self):
        ids = [panel["id"] for panel in dashboard.load()["panels"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_every_panel_is_explained_and_asks_the_chosen_prometheus(self):
        for panel in dashboard.panels():
            with self.subTest(panel=panel["title"]):
                self.assertTrue(panel["description"].endswith("."))
                self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
                for source in (panel["datasource"], *(target["datasource"] for target in panel["targets"])):
                    self.assertEqual(source, {"type": "prometheus", "uid": "${datasource}"})

    def test_every_series_exists(self):
        asked = {re.sub(r"_bucket$", "", name) for _, expression in dashboard.expressions("1m")
                 for name in re.findall(r"\b(?:rostrum|process)_\w+", re.sub(r'"[^"]*"', "", expression))}
        self.assertEqual(set(), asked - SERIES)

    def test_every_series_is_shown_or_left_out_on_purpose(self):
        shown = " ".join(expression for _, expression in dashboard.expressions("1m"))
        patterns = re.findall(r'__name__=~"([^"]*)"', shown)
        unseen = {name for name in SERIES if not re.search(rf"\b{name}(_bucket)?\b", shown)
                  and not any(re.fullmatch(pattern, name) or re.fullmatch(pattern, f"{name}_bucket") for pattern in patterns)}
        self.assertEqual(unseen, LEFT_OUT)


if __name__ == "__main__":
    unittest.main()
