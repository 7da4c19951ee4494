# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container may, and what can be seen of it: asked of the engine and of the kernel, not of docker-compose.yml."""
import json

from installation import Installation
from telling import Telling, expect


def is_seen(telling: Telling, installation: Installation) -> None:
    telling.chapter("What a container may, and what can be seen of it")
    everything = {name: installation.inspect(container) for name, container in installation.all_containers().items()}
    with telling.step("rights") as step:
        for name, about in everything.items():
            host = about["HostConfig"]
            expect(host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["Privileged"], f"{name} to be confined", host)
            users = installation.users_of(about["Id"])
            expect(users and "0" not in users, f"{name} not to run as root", users)
        step.says(f"{len(everything)} containers run without root, without capabilities, on read-only file systems")
    with telling.step("ports") as step:
        published = {binding["HostIp"] for about in everything.values()
                     for bindings in about["NetworkSettings"]["Ports"].values() for binding in bindings or ()}
        expect(published == {"127.0.0.1"}, "everything to be published on 127.0.0.1 alone", published)
        step.says("what is published is published on 127.0.0.1")
    with telling.step("secrets") as step:
        shown = json.dumps(everything)
        kept = installation.secrets()
        expect(len(kept) > 15, "the secrets in the vault", sorted(kept))
        expect(not (spilled := [name for name, secret in kept.items() if secret in shown]), "no secret in docker inspect", spilled)
        step.says(f"none of {len(kept)} keys and passwords shows in docker inspect")
