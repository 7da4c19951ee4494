# SPDX-License-Identifier: GPL-3.0-or-later
"""One line per check while it runs, and all that failed or was skipped once more at the end."""
import time


class Report:
    def __init__(self):
        self.started = time.monotonic()
        self.passed: list[str] = []
        self.failed: list[tuple[str, str]] = []
        self.skipped: list[tuple[str, str]] = []

    def begin(self, what: str) -> float:
        print(f"── {what}", flush=True)
        return time.monotonic()

    def ok(self, name: str, began: float, note: str = "") -> None:
        self.passed.append(name)
        self._line("✓", name, began, note)

    def wrong(self, name: str, began: float, reason: str, output: str = "") -> None:
        """`output` is shown at once, `reason` also in the summary."""
        self.failed.append((name, reason))
        if output:
            print(output.rstrip(), flush=True)
        self._line("✗", name, began, reason)

    def skip(self, name: str, reason: str) -> None:
        self.skipped.append((name, reason))
        print(f"   – {name}: SKIPPED, {reason}", flush=True)

    def add(self, passed: list[str], failed: list[tuple[str, str]], skipped: list[tuple[str, str]]) -> None:
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def close(self) -> int:
        """The last line is the one that programs read."""
        for name, reason in self.skipped:
            print(f"SKIPPED {name}: {reason}")
        for name, reason in self.failed:
            print(f"FAILED  {name}: {reason}")
        print(f"in {time.monotonic() - self.started:.0f} s")
        print(f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped", flush=True)
        return 1 if self.failed else 0

    @staticmethod
    def _line(mark: str, name: str, began: float, note: str) -> None:
        took = time.monotonic() - began
        print(f"   {mark} {name}  {took:.1f} s{'  ' + note if note else ''}", flush=True)
