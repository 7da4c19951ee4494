# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault of faults.py, in the middle of the load: nothing is lost, nothing comes that nobody asked for."""
import disk
from faults import FAULTS
from lab.services import Services
from load_scene import LoadScene, main

SHORT = ("RollingRestart", "RandomKills", "CutAtCommit", "DiskFull", "Partition_both_notification", "LinkDiesFull", "KeyRevoked")
GROUP = 7  # between two ledgers


class UnderLoad(LoadScene):
    @classmethod
    def prepare(cls, services: Services) -> None:
        disk.make_small(services.lab.postgres)
        super().prepare(services)

    def test_nothing_is_lost_whatever_breaks(self):
        chosen = self.choose([fault(self, self.chance) for fault in FAULTS], lambda fault: fault.name,
                             lambda drawn: [fault for fault in drawn if fault.name in SHORT])
        for start in range(0, len(chosen), GROUP):
            group = chosen[start:start + GROUP]
            with self.subTest([fault.name for fault in group]):
                self.play(*group)


if __name__ == "__main__":
    main()
