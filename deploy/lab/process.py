# SPDX-License-Identifier: GPL-3.0-or-later
"""Children with a log file that die with their parent, and waiting for conditions with a deadline."""

import ctypes
import os
import pwd
import signal
import subprocess
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)  # loaded here: nothing may be imported between fork and exec


class LabError(RuntimeError):
    """A server did not do what it should; the text ends with the tail of its log."""


def wait_until(condition, deadline_s, what, interval_s=0.02):
    """Polls condition() until it is true and returns its value; TimeoutError when the deadline has passed."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise TimeoutError(f"not within {deadline_s} s: {what}")
        time.sleep(interval_s)


def unprivileged(user):
    """Arguments for subprocess that drop to `user` when we are root, and none otherwise."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(user)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give_to(user, path):
    """Makes `path` and all below it belong to `user` when we are root."""
    if os.geteuid() != 0:
        return
    account = pwd.getpwnam(user)
    for each in (Path(path), *Path(path).rglob("*")):
        os.chown(each, account.pw_uid, account.pw_gid, follow_symlinks=False)


def run(command, *, what, timeout_s=60, **arguments):
    """Runs a short command to its end; LabError with its output when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False, **arguments)
    if done.returncode != 0:
        raise LabError(f"{what} failed ({done.returncode}): {done.stdout}{done.stderr}")
    return done.stdout


def _stat(pid):
    """State letter and parent of a process (proc(5)), or nothing when it is gone."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return "", 0
    return state, int(parent)


def children_of(pid):
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _stat(entry.name)[1] == pid]


def is_alive(pid):
    return _stat(pid)[0] not in ("", "Z")


class Process:
    """One child with its log file. It gets death_signal when the thread that started it ends, whatever ends it
    (PR_SET_PDEATHSIG): start servers from the main thread."""

    def __init__(self, name, command, log_path, user=None, death_signal=signal.SIGTERM, **arguments):
        self.name = name
        self.log_path = Path(log_path)
        parent = os.getpid()

        def die_with_parent():
            _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:  # it was gone before we could ask
                os._exit(1)

        if user:
            arguments.update(unprivileged(user))
        with open(self.log_path, "ab") as log:
            self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                           start_new_session=True, preexec_fn=die_with_parent, **arguments)

    @property
    def pid(self):
        return self._child.pid

    @property
    def returncode(self):
        return self._child.poll()

    def is_running(self):
        return self._child.poll() is None

    def log_tail(self, lines=20):
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def wait_ready(self, condition, deadline_s):
        """Waits for condition(); LabError with the log's tail when the child ends or the deadline passes first."""
        def ready_or_dead():
            return not self.is_running() or condition()
        try:
            wait_until(ready_or_dead, deadline_s, f"{self.name} to be ready")
        except TimeoutError as error:
            raise LabError(f"{error}\n{self.log_tail()}") from None
        if not self.is_running():
            raise LabError(f"{self.name} ended with {self._child.returncode} before it was ready:\n{self.log_tail()}")

    def send_signal(self, number):
        if self.is_running():
            self._child.send_signal(number)

    def stop(self, number=signal.SIGTERM, deadline_s=15):
        """Sends the signal and waits for the end; SIGKILL and LabError when the deadline passes."""
        self.send_signal(number)
        try:
            return self._child.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise LabError(f"{self.name} did not stop within {deadline_s} s:\n{self.log_tail()}") from None

    def kill(self):
        """kill -9, then reaps it."""
        self.send_signal(signal.SIGKILL)
        return self._child.wait()
