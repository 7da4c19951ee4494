# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, grants and rostrum.toml of one private installation."""
import json
import string
import subprocess
from pathlib import Path

# Which peers each service lets in; a peer's name is also the role that says what it may send.
PEERS = {"registration": ("site", "gateway"), "notification": ("site", "gateway"), "presence": ("gateway",),
         "gateway": ("registration", "notification", "check")}
OWN_KEYS = ("site", "registration", "notification", "presence", "gateway", "check", "sealing")


def write_keys(rostrum: Path, folder: Path) -> None:
    """One pair per party; a service's `authorized_keys/` holds exactly those who may speak to it."""
    def keygen(*arguments: object) -> None:
        subprocess.run([rostrum, "keygen", *arguments], check=True, stdout=subprocess.DEVNULL)

    for name in ("keys", "authorized_keys"):
        (folder / name).mkdir(mode=0o700)
    for name in OWN_KEYS:
        keygen(name, "--out", folder / "keys")
    for service, peers in PEERS.items():
        for peer in peers:
            keygen(peer, "--public", folder / "keys" / f"{peer}.public",
                   "--authorize", folder / "authorized_keys" / service, "--role", peer)


def write_toml(folder: Path, values: dict[str, object]) -> Path:
    """Lists become TOML arrays; their syntax is JSON's for plain texts."""
    template = string.Template(Path(__file__).with_name("rostrum.toml.in").read_text())
    texts = {key: json.dumps(value) if isinstance(value, list) else str(value) for key, value in values.items()}
    path = folder / "rostrum.toml"
    path.write_text(template.substitute(texts))
    path.chmod(0o644)  # whatever the umask: who may write it decides about every key
    return path
