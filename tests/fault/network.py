# SPDX-License-Identifier: GPL-3.0-or-later
"""A network of this process and its children alone, in which packets between two of them can be dropped: in both directions or in one."""
import ctypes
import os
import shutil
import subprocess

_CLONE_NEWNS, _CLONE_NEWNET = 0x00020000, 0x40000000

_missing = "not tried"


def enter_own() -> None:
    """A loopback of our own, and mounts that nobody else sees; before any thread. Without the right to it things stay as they are, and
    missing() says why."""
    global _missing
    _missing = _enter()


def missing() -> str:
    """Why packets cannot be dropped here; empty when they can."""
    return _missing


def _enter() -> str:
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    for tool in ("ip", "iptables", "mount"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS | _CLONE_NEWNET) != 0:
        return f"no network namespace: {os.strerror(ctypes.get_errno())}"
    try:
        _run("mount", "--make-rprivate", "/")
        _run("ip", "link", "set", "lo", "up")
        _run("iptables", "-A", "INPUT", "-j", "ACCEPT")
        _run("iptables", "-F")
    except subprocess.CalledProcessError as failure:
        return f"{' '.join(failure.cmd)}: {failure.stderr.strip()}"
    return ""


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


class Drop:
    """What is sent to a port, or from it, is not received."""

    def __init__(self, *, to: int | None = None, sent_by: int | None = None, of_hundred: int = 100):
        ports = ["--dport", str(to)] if to else ["--sport", str(sent_by)]
        chance = ["-m", "statistic", "--mode", "random", "--probability", str(of_hundred / 100)] if of_hundred < 100 else []
        self._rule = ["INPUT", "-p", "tcp", *ports, *chance, "-j", "DROP"]

    def apply(self) -> None:
        _run("iptables", "-A", *self._rule)

    def revert(self) -> None:
        _run("iptables", "-D", *self._rule)


def add_tmpfs(folder: os.PathLike, megabytes: int) -> str:
    """Why it could not be mounted; it goes with this process."""
    if _missing:
        return _missing
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", os.fspath(folder))
    except subprocess.CalledProcessError as failure:
        return failure.stderr.strip()
    return ""
