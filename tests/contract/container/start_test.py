# SPDX-License-Identifier: GPL-3.0-or-later
"""deploy/container/start: a name becomes the addresses of all instances, and a service hears of new ones."""
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

START = Path(__file__).resolve().parents[3] / "deploy/container/start"
DEADLINE_SECONDS = 20

# Names as the container engine's DNS would tell them: a file for each name, an address a line.
GETENT = """#!/bin/bash
[ "$1" = ahostsv4 ] && [ -e "$NAMES/$2" ] || exit 2
while read -r address; do for kind in STREAM DGRAM RAW; do echo "$address $kind $2"; done; done < "$NAMES/$2"
"""
# Says what it was given, and leaves on SIGTERM with a status of its own.
SERVICE = """#!/bin/bash
trap 'echo stopping; sleep 0.2; echo stopped; exit 7' TERM
echo "given $GATEWAYS"
while :; do sleep 0.02; done
"""


class Start(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, text in (("getent", GETENT), ("service", SERVICE)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        self.environment = {"PATH": f"{self.folder}:{os.environ['PATH']}", "NAMES": str(self.folder),
                            "START_LOOK_EVERY_SECONDS": "0.05", "GATEWAYS": "tcp://gateway:5573"}

    def name_has(self, name: str, *addresses: str) -> None:
        """At once, as DNS would."""
        (self.folder / "next").write_text("".join(f"{address}\n" for address in addresses))
        (self.folder / "next").rename(self.folder / name)

    def start(self, *arguments: str) -> subprocess.Popen:
        output = open(self.folder / "output", "w")
        self.addCleanup(output.close)
        process = subprocess.Popen([START, *arguments], env=self.environment, stdout=output, stderr=output, start_new_session=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process: subprocess.Popen) -> None:
        """With whatever it started: they are one process group."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def said(self) -> list[str]:
        return (self.folder / "output").read_text().splitlines()

    def wait_said(self, *lines: str) -> None:
        end = time.monotonic() + DEADLINE_SECONDS
        while (said := self.said()) != list(lines):
            self.assertLess(time.monotonic(), end, f"wanted {lines}, seen {said}")
            time.sleep(0.01)

    # -- a service -----------------------------------------------------------------------------------------------

    def test_gives_a_service_the_address_of_every_instance(self):
        self.name_has("gateway", "10.0.0.3", "10.0.0.2")
        self.start("--pool", "GATEWAYS", "service")
        self.wait_said("given tcp://10.0.0.2:5573,tcp://10.0.0.3:5573")

    def test_starts_without_them_under_the_name_itself(self):
        self.start("--pool", "GATEWAYS", "service")
        self.wait_said("given tcp://gateway:5573")

    def test_starts_it_again_for_a_new_instance_after_it_has_ended(self):
        self.name_has("gateway", "10.0.0.2")
        self.start("--pool", "GATEWAYS", "service")
        self.wait_said("given tcp://10.0.0.2:5573")
        self.name_has("gateway", "10.0.0.2", "10.0.0.9")
        self.wait_said("given tcp://10.0.0.2:5573", "start: tcp://gateway:5573 has a new address; starting service again",
                       "stopping", "stopped", "given tcp://10.0.0.2:5573,tcp://10.0.0.9:5573")

    def test_leaves_it_alone_when_an_instance_goes_and_comes_back(self):
        self.name_has("gateway", "10.0.0.2", "10.0.0.3")
        self.start("--pool", "GATEWAYS", "service")
        given = "given tcp://10.0.0.2:5573,tcp://10.0.0.3:5573"
        self.wait_said(given)
        for addresses in (("10.0.0.3",), (), ("10.0.0.3", "10.0.0.2")):
            self.name_has("gateway", *addresses)
            time.sleep(0.3)  # that nothing happens can only be waited for
        self.assertEqual(self.said(), [given])

    def test_hands_sigterm_on_and_waits_for_the_end(self):
        self.name_has("gateway", "10.0.0.2")
        process = self.start("--pool", "GATEWAYS", "service")
        self.wait_said("given tcp://10.0.0.2:5573")
        process.terminate()
        self.assertEqual(process.wait(DEADLINE_SECONDS), 7)
        self.assertEqual(self.said()[1:], ["stopping", "stopped"])

    def test_ends_as_the_service_ends(self):
        self.name_has("gateway", "10.0.0.2")
        self.assertEqual(self.start("--pool", "GATEWAYS", "sh", "-c", "exit 3").wait(DEADLINE_SECONDS), 3)

    # -- a tool --------------------------------------------------------------------------------------------------

    def test_gives_a_tool_the_addresses_of_several_names(self):
        self.environment |= {"HTTP": "http://gateway:9573,http://nobody:1,http://presence:9574"}
        self.name_has("gateway", "10.0.0.2", "10.0.0.3")
        self.name_has("presence", "10.0.0.4")
        process = self.start("--once", "GATEWAYS", "--once", "HTTP", "sh", "-c", 'echo "$GATEWAYS"; echo "$HTTP"; exit 5')
        self.assertEqual(process.wait(DEADLINE_SECONDS), 5)
        self.assertEqual(self.said(), ["tcp://10.0.0.2:5573,tcp://10.0.0.3:5573",
                                       "http://10.0.0.2:9573,http://10.0.0.3:9573,http://nobody:1,http://10.0.0.4:9574"])

    def test_says_which_variable_is_missing(self):
        process = self.start("--pool", "NOTHING", "service")
        self.assertEqual(process.wait(DEADLINE_SECONDS), 2)
        self.assertEqual(self.said(), ["start: NOTHING is not set"])


if __name__ == "__main__":
    unittest.main()
