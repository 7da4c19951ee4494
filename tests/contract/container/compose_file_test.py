# SPDX-License-Identifier: GPL-3.0-or-later
"""docker-compose.yml keeps what it promises at its head, and the containers' rostrum.toml is one that the services take."""
import os
import re
import subprocess
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get("ROSTRUM_BIN", ROOT / "build/dev/bin"))
TOML = ROOT / "deploy/container/rostrum.toml"
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


class ComposeFile(unittest.TestCase):
    def test_no_container_may_more_than_it_must(self):
        for name, service in SERVICES.items():
            with self.subTest(service=name):
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                self.assertIs(service["read_only"], True)
                self.assertTrue(service["mem_limit"] and service["pids_limit"] and service["logging"]["options"]["max-size"])
                self.assertEqual(service.get("cap_add", []), ["CHOWN", "DAC_OVERRIDE", "FOWNER"] if name == "setup" else [])
                self.assertNotIn("privileged", service)

    def test_nothing_is_published_but_on_loopback(self):
        for name, service in SERVICES.items():
            for port in service.get("ports", ()):
                self.assertRegex(port, r"^127\.0\.0\.1:", name)

    def test_no_secret_is_in_an_environment(self):
        for name, service in SERVICES.items():
            for variable in service.get("environment", {}):
                if re.search("PASSWORD|SECRET|KEY|TOKEN", variable):
                    self.assertRegex(variable, "_FILE$", name)

    def test_each_service_sees_its_own_files_alone_and_cannot_change_them(self):
        for name, service in SERVICES.items():
            if name == "setup":
                continue
            files = [volume for volume in service.get("volumes", ()) if "-files:" in volume]
            owner = {"migrate": "rostrum", "roles": "postgres"}.get(name, name)
            self.assertEqual(files, [] if name == "prometheus" else [f"{owner}-files:/run/rostrum:ro"], name)

    def test_the_services_take_its_configuration(self):
        """All that they miss here are the files that `setup` makes."""
        for executable in sorted(path.parent.name for path in (ROOT / "services").glob("*/main.cpp")):
            environment = {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value)
                           for name, value in SERVICES[executable].get("environment", {}).items()}
            done = subprocess.run([BIN / f"rostrum-{executable}", "--config", TOML, "--check-config"], env=environment,
                                  capture_output=True, text=True, timeout=30)
            complaints = done.stderr.splitlines()
            with self.subTest(service=executable):
                self.assertTrue(complaints, done.stdout)
                self.assertEqual([], [line for line in complaints if "/run/rostrum/" not in line])


if __name__ == "__main__":
    unittest.main()
