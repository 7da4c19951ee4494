# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, grants, secrets and rostrum.toml of one private installation."""
import json
import os
import string
import subprocess
from pathlib import Path

# Which peers each service lets in; a peer's name is also the role that says what it may send.
PEERS = {"registration": ("site", "gateway"), "notification": ("site", "gateway"), "gateway": ("registration", "notification", "check")}
OWN_KEYS = ("site", "registration", "notification", "gateway", "check", "sealing")


def write_keys(rostrum: Path, directory: Path) -> None:
    """One pair per party; a service's `authorized_keys/` holds exactly those who may speak to it."""
    def keygen(*arguments: object) -> None:
        subprocess.run([rostrum, "keygen", *arguments], check=True, stdout=subprocess.DEVNULL)

    for name in ("keys", "secrets", "authorized_keys"):
        (directory / name).mkdir(mode=0o700)
    for name in OWN_KEYS:
        keygen(name, "--out", directory / "keys")
    for service, peers in PEERS.items():
        for peer in peers:
            keygen(peer, "--public", directory / "keys" / f"{peer}.public",
                   "--authorize", directory / "authorized_keys" / service, "--role", peer)


def write_secret(path: Path, content: str) -> None:
    """Readable by its owner alone from its first byte on."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(content + "\n")


def write_toml(directory: Path, values: dict[str, object]) -> Path:
    """Lists become TOML arrays; their syntax is JSON's for plain texts."""
    template = string.Template(Path(__file__).with_name("rostrum.toml.in").read_text())
    texts = {key: json.dumps(value) if isinstance(value, list) else str(value) for key, value in values.items()}
    path = directory / "rostrum.toml"
    path.write_text(template.substitute(texts))
    return path
