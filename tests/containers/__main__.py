# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/containers/run once it knows that it is root; `--help` there says what for."""
import argparse
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import images
from engine import Engine, NoEngine
from installation import Installation
from lab.ports import Ports
from lab.process import LabError
from plot import Plot
from telling import Failed, Telling

VAR = Path(__file__).resolve().parents[2] / "var/containers"
LOG = VAR / "containers.log"
FAILED, SKIPPED = 1, 77


def play(telling: Telling, keep: bool) -> None:
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="rostrum-containers-")))
        telling.heading("Setting the stage")
        with telling.step("a container engine of our own") as step:
            engine = running.enter_context(Engine(VAR / "engine"))
            step.says(f"dockerd {engine.docker('version', '--format', '{{.Server.Version}}').strip()} runs, without bridge and iptables")
        images.make_all(engine, telling)
        installation = Installation(engine, Ports())
        installation.forget()  # what a run that was interrupted has left
        running.callback(installation.forget)
        try:
            Plot(telling, installation, folder, running).play()
        finally:
            LOG.write_text(installation.compose("logs", "--no-color"))
        telling.say(f"\nEvery one of {telling.steps} steps held.")
        if keep:
            telling.say(f"All is up until Ctrl-C. Look with: {installation.how_to_look()}")
            signal.pause()


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/containers/run", add_help=False)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--clean", action="store_true")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if chosen.clean:
        shutil.rmtree(VAR, ignore_errors=True)
        return 0
    telling = Telling()
    try:
        play(telling, chosen.keep)
    except KeyboardInterrupt:
        return 0 if chosen.keep else 130
    except NoEngine as reason:
        print(f"SKIPPED: {reason}")
        return SKIPPED
    except Failed as failure:
        telling.say(f"\n      expected  {failure.expected}\n      seen      {failure.seen}\n      logs      {LOG}")
        return FAILED
    except (LabError, TimeoutError) as error:
        telling.say(f"\n      {error}\n      logs      {LOG}")
        return FAILED
    return 0


sys.exit(main())
