# SPDX-License-Identifier: GPL-3.0-or-later
"""deploy/demo once the packages are there; `deploy/demo --help` says what for."""
import argparse
import secrets
import signal
import sys
import time
import traceback
from contextlib import ExitStack
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cast  # noqa: E402
import chapters  # noqa: E402
import encore  # noqa: E402
import stage  # noqa: E402
from lab.members import Crowd  # noqa: E402
from telling import Failed, Telling  # noqa: E402


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/demo", add_help=False)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--exit", action="store_true")
    parser.add_argument("--clean", action="store_true")
    chosen = parser.parse_args()
    if not 4 <= chosen.members <= 500:
        parser.error("--members must be from 4 to 500")
    return chosen


def play(telling: Telling, chosen: argparse.Namespace, checkout: stage.Checkout) -> None:
    seed = secrets.randbelow(1_000_000) if chosen.seed is None else chosen.seed
    began = time.monotonic()
    telling.say(f"Rostrum demo, seed {seed}. The same again: deploy/demo --seed {seed} --members {chosen.members}")
    with ExitStack() as running:
        telling.heading("Setting the stage")
        binaries = stage.build(telling)
        running.callback(checkout.put_away)
        lab = stage.servers(telling, checkout.fresh_directory(), running)
        services = stage.rostrum(telling, lab, binaries, running)
        crowd = running.enter_context(Crowd(lab.jabber_address, lab.ca))

        chance = Random(seed)
        story = chapters.Story(telling, services, crowd, cast.draw(chance, chosen.members, lab.domain), chance)
        running.callback(signal.signal, signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        story.play()
        telling.say(f"\nEvery one of {telling.steps} steps held, in {time.monotonic() - began:.0f} s.")
        if not chosen.exit:
            encore.invite(telling, services, story)
            encore.watch(telling, services)


def main() -> int:
    chosen = arguments()
    telling = Telling()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        checkout = stage.Checkout()
        if chosen.clean:
            checkout.clean()
            telling.say("Removed var/ and build/release.")
            return 0
        play(telling, chosen, checkout)
    except KeyboardInterrupt:
        telling.say("\nStopped; nothing is left running.")
        return 130 if chosen.exit else 0
    except stage.AlreadyRunning as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:  # whatever it was, it is told, and the steps before have been stopped by now
        explain(telling, error)
        return 1
    return 0


def explain(telling: Telling, error: Exception) -> None:
    telling.say()
    if isinstance(error, Failed):
        telling.say(f"      expected  {error.expected}")
        telling.say(f"      seen      {error.seen}")
    else:
        telling.say(f"      {error}")
    telling.say("      logs      var/logs/")
    (stage.VAR / "failure.txt").write_text("".join(traceback.format_exception(error)))


sys.exit(main())
