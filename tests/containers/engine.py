# SPDX-License-Identifier: GPL-3.0-or-later
"""A container engine of our own: dockerd that touches neither the firewall nor other engines, and ends with us."""
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from lab.process import LabError, Process

DOCKER = "/usr/bin/docker"  # Debian's: another client on the PATH may know neither BuildKit nor this engine
DOCKERD = "/usr/sbin/dockerd"


class NoEngine(Exception):
    """No container can run here; the text says why."""


class Engine:
    """Images and volumes are kept in `data`; all else is in a short folder under /tmp, for a Unix socket's path is short."""

    def __init__(self, data: Path):
        self.data = data
        self.folder = Path(tempfile.mkdtemp(prefix="rostrum-engine-"))
        self.socket = f"unix://{self.folder}/docker.sock"
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder), "DOCKER_HOST": self.socket}

    def __enter__(self) -> "Engine":
        self.data.mkdir(parents=True, exist_ok=True)
        (self.folder / "daemon.json").write_text("{}")  # nothing of what is configured for the machine's own engine
        command = [DOCKERD, "--config-file", self.folder / "daemon.json", "--data-root", self.data, "--exec-root", self.folder / "exec",
                   "--host", self.socket, "--pidfile", self.folder / "pid", "--iptables=false", "--ip6tables=false",
                   "--ip-forward=false", "--bridge=none", "--default-address-pool", "base=10.221.0.0/16,size=24"]
        self._process = Process("dockerd", command, self.folder / "dockerd.log", env=self.environment)
        try:
            self._process.wait_ready(self._answers, 60)
        except LabError as error:
            self.__exit__()
            raise NoEngine(f"dockerd does not run here: {str(error).splitlines()[-1]}") from None
        return self

    def __exit__(self, *_) -> None:
        self._process.stop(signal.SIGTERM, deadline_s=60)
        for mounted in self._left_mounted():
            self.run(["/bin/umount", mounted])
        shutil.rmtree(self.folder)

    def _left_mounted(self) -> list[str]:
        """What dockerd forgets when it ends: a network namespace."""
        points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        return [point for point in points if point.startswith(f"{self.folder}/")]

    def docker(self, *arguments: object, **options) -> str:
        """What the command printed; LabError when it failed."""
        return self.run([DOCKER, *map(str, arguments)], **options)

    def run(self, command: list, *, environment: dict[str, str] | None = None, timeout_seconds: float = 600, **options) -> str:
        done = subprocess.run(command, env=self.environment | (environment or {}), text=True, capture_output=True,
                              timeout=timeout_seconds, check=False, **options)
        if done.returncode != 0:
            raise LabError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def _answers(self) -> bool:
        return subprocess.run([DOCKER, "version"], env=self.environment, capture_output=True, check=False).returncode == 0
