# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests/bench/run does once the packages are there; `tests/bench/run --help` says what for."""
import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "deploy"))

import announce  # noqa: E402
import capacity  # noqa: E402
import conditions  # noqa: E402
import intake  # noqa: E402
import log_in  # noqa: E402
import presence  # noqa: E402
import register  # noqa: E402
import returning  # noqa: E402
import storm  # noqa: E402
import take_over  # noqa: E402
from installation import Installation  # noqa: E402

# In this order: an announcement goes to all members, so there are none of others yet; the gateway is stopped from lone to return, which leave
# requested accounts behind. The last three have servers of their own.
BENCHMARKS = {"announce": announce.measure, "register": register.measure, "presence": presence.measure, "lone": intake.measure_lone,
              "intake": intake.measure, "capacity": capacity.measure, "latency": capacity.measure_latency,
              "rivals": capacity.measure_rivals, "return": returning.measure, "log-in": log_in.measure, "storm": storm.measure, "take-over": take_over.measure}
PROGRAMS = ("rostrum", "rostrum-gateway", "rostrum-registration", "rostrum-notification", "rostrum-presence", "rostrum-bench-publish",
            "rostrum-bench-return", "rostrum-bench-write-rows", "rostrum-bench-observe", "rostrum-bench-write-presence")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench/run", add_help=False)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--binaries", type=Path)
    chosen = parser.parse_args()
    for name in chosen.names:
        if name not in BENCHMARKS:
            parser.error(f"'{name}' is none of {', '.join(BENCHMARKS)}")
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 3)
    return chosen


def build() -> Path:
    directory = ROOT / "build" / "release"
    print("building the release preset", flush=True)
    # Paths relative to the checkout: a second clone finds what the first one compiled.
    environment = dict(os.environ, CCACHE_BASEDIR=str(ROOT), CCACHE_NOHASHDIR="1")
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "env": environment, "cwd": ROOT}
    subprocess.run(["cmake", "--preset", "release", "-DROSTRUM_TESTS=ON"], **quiet)
    subprocess.run(["ninja", "-C", directory, *PROGRAMS], **quiet)
    return directory / "bin"


def main() -> int:
    chosen = arguments()
    binaries = chosen.binaries or build()
    conditions.show(ROOT)
    with Installation(binaries) as installation:
        installation.note_memory("idle")
        for name, measure in BENCHMARKS.items():
            if not chosen.names or name in chosen.names:
                measure(installation, chosen.rounds, chosen.quick).show()
                installation.note_memory(f"after {name}")
        installation.memory_table().show()
    conditions.show_load()
    return 0


if __name__ == "__main__":  # also imported by the processes of crowd.py
    sys.exit(main())
