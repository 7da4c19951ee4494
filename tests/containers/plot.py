# SPDX-License-Identifier: GPL-3.0-or-later
"""The story, in containers: every step is checked from outside."""
import json
import re
import secrets
from contextlib import ExitStack
from pathlib import Path

import confinement
from installation import DOMAIN, SERVICES, Installation
from lab.members import Crowd, Member, wait_for
from telling import Telling, expect

NAMES = ("anna", "ben", "cleo", "dora")
TWO_OF_EACH = dict.fromkeys(SERVICES, 2)


class Plot:
    def __init__(self, telling: Telling, installation: Installation, folder: Path, running: ExitStack):
        self.telling = telling
        self.installation = installation
        self.folder = folder
        self.running = running
        self.clients: list[Member] = []

    def play(self) -> None:
        self.comes_up()
        confinement.is_seen(self.telling, self.installation)
        self.members_get_an_announcement()
        self.a_gateway_is_killed()
        self.one_of_each_is_killed()
        self.a_gateway_is_added()
        self.a_site_of_its_own_publishes()
        self.comes_up_again()

    # -- 1 -------------------------------------------------------------------------------------------------------

    def comes_up(self) -> None:
        self.telling.chapter("docker-compose up, two instances of each service")
        with self.telling.step("up") as step:
            self.installation.up(**TWO_OF_EACH)
            self._wait_healthy(TWO_OF_EACH)
            step.says("all containers are up, and healthy by /readyz")
        with self.telling.step("rostrum check") as step:
            said = self.installation.tool("check")
            seen = len(re.findall(r"service http://", said))
            expect(seen == sum(TWO_OF_EACH.values()), f"{sum(TWO_OF_EACH.values())} instances in it", said)
            step.says(f"rostrum check finds nothing wrong, and {seen} instances ready")
        with self.telling.step("Prometheus") as step:
            wait_for(lambda: self._ready_in_prometheus() == seen, f"{seen} instances ready", 60, self._ready_in_prometheus)
            rules = self.installation.rules()
            expect(rules and all(rule["health"] == "ok" for rule in rules), "rules that can be evaluated", rules)
            step.says(f"Prometheus sees {seen} instances ready, by name, and evaluates {len(rules)} alerts")

    def _ready_in_prometheus(self) -> int:
        return list(self.installation.measured("rostrum_ready").values()).count(1)

    def _wait_healthy(self, scale: dict[str, int]) -> None:
        def seen() -> dict[str, list[str]]:
            return {service: self.installation.health(service) for service in scale}
        wanted = {service: ["healthy"] * count for service, count in scale.items()}
        wait_for(lambda: seen() == wanted, "all to be healthy", 120, seen)

    # -- 2 -------------------------------------------------------------------------------------------------------

    def members_get_an_announcement(self) -> None:
        self.telling.chapter("Members, and an announcement")
        passwords = {name: secrets.token_urlsafe(12) for name in NAMES}
        with self.telling.step("members") as step:
            for name, password in passwords.items():
                self.installation.tool("member", "add", name, "--jid", f"{name}@{DOMAIN}", "--password-file", "-", input=password)
            self._wait_active()
            step.says(f"the rostrum image published {len(NAMES)} members; their accounts are there")
        with self.telling.step("log-in") as step:
            authority = self.folder / "ca.crt"
            authority.write_text(self.installation.file("/run/rostrum/ca.crt"))
            crowd = self.running.enter_context(Crowd(("127.0.0.1", self.installation.jabber_port), authority))
            self.clients = [crowd.member(f"{name}@{DOMAIN}", password) for name, password in passwords.items()]
            crowd.log_in(self.clients)
            step.says("they log in over the published port; the private CA vouches for the server")
        self._see_online(*NAMES)
        self._announce("The garden gate is open again.")

    def _wait_active(self) -> None:
        def states() -> set[str]:
            return {member["account_state"] for member in self.installation.tool_json("member", "list")}
        wait_for(lambda: states() == {"active"}, "every account", 60, states)

    def _announce(self, text: str) -> None:
        with self.telling.step("an announcement") as step:
            self.installation.tool("announce", "--all", text, "--wait")
            for client in self.clients:
                wait_for(lambda client=client: client.received(text), f"“{text}” at {client.jid}", 60, client.bodies)
                expect(len(client.received(text)) == 1, f"it once at {client.jid}", client.bodies())
            step.says(f"“{text}” reached {len(self.clients)} of {len(self.clients)}, once each")

    # -- 3 -------------------------------------------------------------------------------------------------------

    def a_gateway_is_killed(self) -> None:
        self.telling.chapter("kill -9 to a gateway")
        with self.telling.step("both gateways work") as step:
            counts = self._commands_of_gateways(2)
            step.says(f"commands went over both gateways: {' and '.join(f'{count:.0f}' for count in counts.values())}")
        with self.telling.step("kill -9") as step:
            owner, epoch = self._owner()
            victim = self.installation.addresses("gateway")[owner]
            self.installation.kill(victim)
            self.clients[1].logs_out()
            wait_for(lambda: self.installation.inspect(victim)["RestartCount"] == 1, "the container to be started again", 60)
            step.says(f"the gateway that owned presence is killed, and started again by the engine; {NAMES[1]} logs out meanwhile")
        self._see_online(*(name for name in NAMES if name != NAMES[1]))
        with self.telling.step("a new owner") as step:
            _, next_epoch = wait_for(lambda: (now := self._owner())[1] > epoch and now, "a new owner of presence", 60, self._owner)
            step.says(f"presence has a new owner: epoch {epoch:.0f} is followed by {next_epoch:.0f}")
        with self.telling.step("healthy again"):
            self._wait_healthy(TWO_OF_EACH)
        with self.telling.step("back again") as step:
            self.clients[1].logs_in()
            step.says(f"{NAMES[1]} logs in again")
        self._see_online(*NAMES)
        self._announce("It was only the wind.")

    def _owner(self) -> tuple[str, float]:
        """The gateway that owns presence and its epoch, as Prometheus saw it last."""
        def owners() -> list[tuple[str, float]]:
            present = self.installation.addresses("gateway")
            epochs = self.installation.measured("rostrum_gateway_presence_epoch")
            return [(address, epoch) for address, epoch in epochs.items() if epoch > 0 and address in present]
        return wait_for(lambda: len(found := owners()) == 1 and found, "one owner of presence", 60, owners)[0]

    def _see_online(self, *names: str) -> None:
        """These members and no others, and nobody unknown."""
        def states() -> dict[str, str]:
            return {member["member_id"]: member["state"] for member in self.installation.tool_json("who", "--state", "all")["members"]}
        wanted = {name: "online" if name in names else "offline" for name in NAMES}
        with self.telling.step("rostrum who") as step:
            wait_for(lambda: states() == wanted, f"rostrum who to say {wanted}", 60, states)
            step.says(f"rostrum who: {', '.join(names)} online{'' if len(names) == len(NAMES) else ', the others offline'}")

    def _commands_of_gateways(self, count: int) -> dict[str, float]:
        """Address → commands that this gateway carried out for registration and notification, as Prometheus saw it."""
        expression = 'sum by (instance) (rostrum_gateway_commands_total{action!="inspect_server"})'
        addresses = set(self.installation.addresses("gateway"))
        expect(len(addresses) == count, f"{count} gateways", addresses)

        def measured() -> dict[str, float]:
            return {address: value for address, value in self.installation.measured(expression).items() if address in addresses and value > 0}
        wait_for(lambda: len(measured()) == count, f"commands at {count} gateways", 60, measured)
        return measured()

    # -- 4 -------------------------------------------------------------------------------------------------------

    def one_of_each_is_killed(self) -> None:
        services = [service for service in SERVICES if service != "gateway"]
        self.telling.chapter(f"kill -9 to a {', a '.join(services)}")
        with self.telling.step("kill -9") as step:
            for service in services:
                self.installation.kill(self.installation.containers(service)[0])
            step.says("one instance of each is killed, at once")
        self._announce("Something fell off the shelf.")
        self._see_online(*NAMES)
        with self.telling.step("healthy again"):
            self._wait_healthy(TWO_OF_EACH)

    # -- 5 -------------------------------------------------------------------------------------------------------

    def a_gateway_is_added(self) -> None:
        self.telling.chapter("--scale gateway=3")
        three = TWO_OF_EACH | {"gateway": 3}
        with self.telling.step("a third gateway") as step:
            self.installation.up(**three)
            self._wait_healthy(three)
            step.says("a third gateway is up")
        with self.telling.step("its share") as step:
            wait_for(self._everybody_knows_three, "registration and notification to be connected to three gateways", 60)
            self._announce_until_all_share()
            step.says("registration and notification found it without a restart, and it has its share of the work")

    def _everybody_knows_three(self) -> bool:
        wanted = set(self.installation.addresses("gateway"))
        return all(wanted <= self.installation.gateways_known_to(container)
                   for service in ("registration", "notification") for container in self.installation.containers(service))

    def _announce_until_all_share(self) -> None:
        for number in range(3):
            self.installation.tool("announce", "--all", f"Announcement {number}", "--wait")
        self._commands_of_gateways(3)

    # -- 6 -------------------------------------------------------------------------------------------------------

    def a_site_of_its_own_publishes(self) -> None:
        self.telling.chapter("A site outside, with a key of its own")
        with self.telling.step("its key") as step:
            self.installation.outside(self.folder, "keygen", "forum", "--out", "/site/keys")
            self.installation.compose("run", "--rm", "-T", "setup", "admit", "forum", input=(self.folder / "keys/forum.public").read_text())
            step.says("forum made a pair of keys, and its public half was admitted")
        with self.telling.step("publishing") as step:
            wait_for(self._forum_is_let_in, "the key to be let in", 20)
            step.says("forum published over the published ports, at 127.0.0.1")

    def _forum_is_let_in(self) -> bool:
        said = self.installation.outside(self.folder, "--json", "group", "add", "readers", "--title", "Readers")
        return json.loads(said)["status"] in ("accepted", "duplicate")

    # -- 7 -------------------------------------------------------------------------------------------------------

    def comes_up_again(self) -> None:
        self.telling.chapter("docker-compose down, and up again")
        with self.telling.step("down and up") as step:
            before = self.installation.secrets()
            self.installation.compose("down")
            self.installation.up(**TWO_OF_EACH)
            self._wait_healthy(TWO_OF_EACH)
            expect(self.installation.secrets() == before, "the same keys and passwords", "others")
            step.says("the same keys, passwords and members are there again")
        with self.telling.step("members come back") as step:
            wait_for(lambda: all(client.is_online() for client in self.clients), "every member to be online again", 60)
            step.says("the members are online again")
        self._announce("Good morning.")
