# SPDX-License-Identifier: GPL-3.0-or-later
"""What all peers together may make a service hold is a number, and no more than that is held: here registration's, while its database is away
and a dozen peers send all they have credit for, in events as large as may be."""
import os
import time
from pathlib import Path

from actors import main
from client_scene import DEADLINE_SECONDS, ClientScene
from contract import bus_pb2
from statements import group_upserted

MIB = 1024 * 1024
PEERS = 12  # granted together: some 130 MiB, for each comes while fewer are there than in the end
BUDGET_MIB = 64
FRAME_MIB = 0.25
UNREAD_FRAMES = 8  # of each peer, which the network layer has taken in
BASE_MIB = 40  # two batches on their way to the database; what the network layer and the allocator keep
PREFIX = "rostrum_registration_intake_"


def peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


class MemoryIsBounded(ClientScene):
    @classmethod
    def setUpClass(cls) -> None:
        # The sanitizer of the test build keeps freed memory for a while; that is not what is measured here.
        os.environ["ASAN_OPTIONS"] = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=1"]))
        super().setUpClass()

    def test_while_a_dozen_peers_send_all_they_may_and_the_database_is_away(self):
        peers = [self.connection("registration", self.keys("registration")) for _ in range(PEERS)]
        credits = [self.hear(peer, "welcome").credit_bytes for peer in peers]
        self.assertGreater(sum(credits), 1.5 * BUDGET_MIB * MIB, "the budget is not asked for")
        process = self.services.processes["registration"].pid
        before = peak_mib(process)
        self.lab.postgres.stop()
        try:
            self.wait_for_metric(lambda metrics: metrics[PREFIX + "budget_bytes"] == 0)
            for peer, credit in zip(peers, credits):
                self.send_all(peer, credit)
            self.wait_for_metric(lambda metrics: metrics[PREFIX + "waiting_bytes"] >= BUDGET_MIB * MIB, peers)
            metrics = self.services.metrics("registration")
            self.assertLessEqual(metrics[PREFIX + "waiting_bytes"], (BUDGET_MIB + FRAME_MIB) * MIB)
        finally:
            self.lab.postgres.start()
        self.wait_for_metric(lambda metrics: metrics[PREFIX + "waiting_bytes"] == 0, peers)
        self.assertEqual([peer.lost for peer in peers if peer.lost], [], "a peer that keeps to its credit is kept")
        self.assertLess(peak_mib(process) - before, BUDGET_MIB + PEERS * UNREAD_FRAMES * FRAME_MIB + BASE_MIB)

    def send_all(self, peer, credit: int) -> None:
        event = group_upserted("large")
        event.traceparent = "x" * 65_000
        frame = bus_pb2.Frame()
        size = len(event.SerializeToString())
        while credit >= size:
            frame.batch.events.append(event.SerializeToString())
            credit -= size
            if len(frame.batch.events) == 4 or credit < size:
                peer.send(frame)
                frame = bus_pb2.Frame()

    def wait_for_metric(self, condition, peers=()) -> None:
        end = time.monotonic() + 2 * DEADLINE_SECONDS
        while not condition(metrics := self.services.metrics("registration")):
            self.assertLess(time.monotonic(), end, {name: value for name, value in metrics.items() if name.startswith(PREFIX)})
            for peer in peers:
                peer.turn(0.01)
            time.sleep(0 if peers else 0.1)


if __name__ == "__main__":
    main()
