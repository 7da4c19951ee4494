# SPDX-License-Identifier: GPL-3.0-or-later
"""All images that docker-compose.yml names, made here: a base of Debian's packages, ours from deploy/container, stand-ins."""
import os
import subprocess
import tempfile
from pathlib import Path

from engine import Engine
from telling import Telling

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = Path(__file__).with_name("stand_in")
BASE = "debian:bookworm-slim"
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")

# Image → target of deploy/container/Dockerfile.
OURS = {"rostrum-setup": "setup", "rostrum": "rostrum", "rostrum-prosody": "prosody",
        **{f"rostrum-{service}": service for service in ("registration", "notification", "presence", "gateway")}}
NAMES = {"POSTGRES_IMAGE": "rostrum-test-postgres", "PROMETHEUS_IMAGE": "rostrum-test-prometheus"}


def make_all(engine: Engine, telling: Telling) -> None:
    with telling.step(f"{BASE} by debootstrap") as step:
        step.says(f"{BASE} {_make_base(engine)}")
    with telling.step("our images (the first time compiles Rostrum)") as step:
        for image, target in OURS.items():
            telling.progress(f"image {image}")
            _build(engine, image, ROOT / "deploy/container/Dockerfile", ROOT, "--target", target)
        step.says(f"our images are built: {', '.join(f'{image} {_megabytes(engine, image)} MB' for image in OURS)}")
    with telling.step("stand-ins for PostgreSQL's and Prometheus' images"):
        for name in ("postgres", "prometheus"):
            _build(engine, NAMES[f"{name.upper()}_IMAGE"], STAND_INS / f"{name}.Dockerfile", STAND_INS)


def _build(engine: Engine, image: str, file: Path, context: Path, *options: str) -> None:
    # The builder has no network of its own: the engine has no bridge.
    engine.docker("build", "--network", "host", "--file", file, "--tag", f"{image}:latest", *options, context,
                  environment={"DOCKER_BUILDKIT": "1"}, timeout_seconds=3600)


def _make_base(engine: Engine) -> str:
    if engine.docker("images", "--quiet", BASE):
        return "is there"
    with tempfile.TemporaryDirectory(prefix="rostrum-base-") as folder:
        engine.run(["/usr/sbin/debootstrap", "--variant=minbase", "bookworm", f"{folder}/root", MIRROR])
        with subprocess.Popen(["tar", "-C", f"{folder}/root", "-c", "."], stdout=subprocess.PIPE) as archive:
            engine.docker("import", "-", BASE, stdin=archive.stdout)
    return "is made by debootstrap"


def _megabytes(engine: Engine, image: str) -> int:
    """Beyond the base, which all share."""
    size, base = (int(engine.docker("image", "inspect", "--format", "{{.Size}}", name)) for name in (image, BASE))
    return round((size - base) / 1e6)
