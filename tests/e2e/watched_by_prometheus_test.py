# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Prometheus watches a running installation: every expression of dashboard and alerts has data there, alerts are silent while
all is well, and speak when it is not."""
import re
import time

import dashboard
from actors import Scene, main, stopped
from lab.members import wait_for
from prometheus import Answer, Prometheus

WINDOW = "30s"  # of a rate: what happened within the test counts
COMPARISON = re.compile(r"(==|!=|>=|<=|>|<)(?= *-?\d)")


def without_comparison(expression: str) -> str:
    """With `bool` a comparison keeps every series and says 0 or 1: empty only where there is nothing to compare."""
    changed, comparisons = COMPARISON.subn(r"\1 bool", expression)
    assert comparisons, f"an alert that compares nothing: {expression}"
    return changed


class WatchedByPrometheus(Scene):
    COUNTS = {"gateway": 2}
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prometheus = cls.enterClassContext(Prometheus(cls.services))

    def test_everything_shown_has_data_and_alerts_speak_when_they_should(self):
        (self.anna, self.ben) = self.members_online("anna", "ben")
        alerts = {rule["name"]: rule["query"] for rule in self.prometheus.rules()}
        with self.subTest("every expression of the dashboard"):
            self.assert_data(dashboard.expressions(WINDOW))
        with self.subTest("every alert"):
            self.assert_data([(name, without_comparison(query)) for name, query in alerts.items()])
        with self.subTest("no alert while all is well"):
            wait_for(lambda: not self.alerting(), "all alerts to be silent", 20, self.alerting)
        with self.subTest("alerts when the gateways are gone"), stopped(self.services, "gateway", "gateway-2"):
            wanted = {"RostrumServiceDown", "RostrumInstanceDown", "RostrumServiceNotReady"}
            wait_for(lambda: wanted <= self.alerting(), f"{wanted} to be raised", 20, self.alerting)
        with self.subTest("Prometheus could evaluate every alert"):
            self.assertEqual([], [(rule["name"], rule["lastError"]) for rule in self.prometheus.rules() if rule["health"] != "ok"])

    def assert_data(self, expressions: list[tuple[str, str]]) -> None:
        """Within some seconds, while members and site do what they do."""
        deadline = time.monotonic() + 20
        without = {(name, expression): Answer() for name, expression in expressions}
        while without and time.monotonic() < deadline:
            self.life_goes_on()
            without = {key: answer for key in without if not (answer := self.prometheus.ask(key[1])).has_data()}
        self.assertEqual({}, without)

    def life_goes_on(self) -> None:
        self.wait_deliveries(self.site.announces("Still here"), dict.fromkeys(("anna", "ben"), "delivered"))

    def alerting(self) -> set[str]:
        """Pending ones as well: a test cannot wait for minutes."""
        return {rule["name"] for rule in self.prometheus.rules() if rule["alerts"]}


if __name__ == "__main__":
    main()
