# SPDX-License-Identifier: GPL-3.0-or-later
"""No stranger makes a service hold more than 64 MiB above its own, nor delays an honest site beyond 200 ms, whatever he does; a peer that
was let in and turns hostile is bounded too.

Figures are printed. Where the machine itself is slow, a bystander's own quiet seconds say what can be asked of it."""
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from actors import main
from bystander import Bystander, Watch, p99
from client_scene import ClientScene
from lab.members import wait_for

SECONDS = 4
LIMIT_MIB = 64
LIMIT_SECONDS = 0.2
LONGEST_STALL_SECONDS = 3  # one stall is one figure, and p99 does not see it
STRANGERS = ("silent", "half_a_greeting", "greeting_only", "half_a_handshake", "huge_header", "endless_frames", "random_bytes", "no_mechanism", "plain",
             "unknown_keys", "wrong_server_key")
HOSTILE_PEERS = ("huge_frames", "thousands_of_parts", "never_reads", "many_at_once")


class Intruders(ClientScene):
    @classmethod
    def prepare(cls, services) -> None:
        # Memory that was given back does not count: the sanitizer would keep 256 MiB of it to find mistakes.
        os.environ["ASAN_OPTIONS"] = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=1", "thread_local_quarantine_size_kb=64")))
        services.install()
        services.rostrum("keygen", "hostile", "--out", str(services.folder / "keys"), "--authorize", str(services.folder / "authorized_keys" / "registration"),
                         "--allow", "group_upserted")

    def setUp(self):
        self.registration = self.services.instances["registration"]
        self.bystander = Bystander(self.publisher("registration"))
        self.bystander.seconds_of(0.5)
        self.quiet = p99(self.bystander.seconds_of(SECONDS / 2))

    def intrude(self, name: str) -> subprocess.Popen:
        keys = self.services.folder / "keys"
        words = [sys.executable, Path(__file__).with_name("intruders.py"), name, self.registration.port, SECONDS, keys / "hostile", keys / "registration.public"]
        intruder = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)
        self.addCleanup(intruder.kill)
        return intruder

    def stand_by(self, *names: str) -> None:
        for name in names:
            with self.subTest(name), Watch(self.services.processes["registration"].pid) as watch:
                intruder = self.intrude(name)
                figures = self.bystander.seconds_of(SECONDS, lambda intruder=intruder: intruder.poll() is None)
                done = intruder.communicate()[0].strip()
                held = watch.most - watch.before
                print(f"{name}: {done} times; {held:.1f} MiB more; a bystander's p99 {p99(figures) * 1000:.0f} ms of {len(figures)}, quiet {self.quiet * 1000:.0f} ms")
                self.assertEqual(intruder.returncode, 0)
                self.assertGreater(int(done), 0)
                self.assertLess(held, LIMIT_MIB)
                self.assertLess(p99(figures), max(LIMIT_SECONDS, 10 * self.quiet))
                self.assertLess(max(figures), LONGEST_STALL_SECONDS)

    def metric(self, name: str, label: str) -> float:
        with urllib.request.urlopen(f"{self.registration.http}/metrics", timeout=10) as answer:
            line = next(line for line in answer.read().decode().splitlines() if line.startswith(f"rostrum_registration_{name}{{{label}}}"))
        return float(line.split()[-1])

    def test_strangers(self):
        self.stand_by(*STRANGERS)
        self.assertGreater(self.metric("connections_cut_total", 'reason="silent"'), 0)
        for reason in ("key", "handshake"):
            self.assertGreater(self.metric("peers_refused_total", f'reason="{reason}"'), 0)
        wait_for(lambda: self.metric("connections", 'state="silent"') == 0, "the last stranger to be gone", 30, lambda: self.metric("connections", 'state="silent"'))

    def test_hostile_peers(self):
        refused = self.metric("peers_refused_total", 'reason="key"')
        self.stand_by(*HOSTILE_PEERS)
        self.assertEqual(self.metric("peers_refused_total", 'reason="key"'), refused, "they were let in")


if __name__ == "__main__":
    main()
