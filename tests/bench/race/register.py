# SPDX-License-Identifier: GPL-3.0-or-later
"""Members from the site's event to the active account, beside the same requests at the account door."""
import time
import uuid

from installation import Installation
from raw_stream import RawSession
from table import Race, Table, race_table, take_turns

PASSWORD = "a-password-of-theirs"


def measure(installation: Installation, rounds: int, quick: bool) -> Table:
    lab = installation.lab
    count = 20 if quick else 500
    race = Race(f"{count} accounts", "accounts/s", higher_is_better=True)
    door = RawSession(lab, lab.control_jid, lab.control_password_file)

    def ours(run: str) -> None:
        began = installation.site.ask("members", run, count, PASSWORD)["began"]
        installation.wait_accounts(run, count)
        race.ours.append(count / (time.monotonic() - began))

    def baseline(run: str) -> None:
        """All at once: the server answers them one after the other."""
        requests = "".join(
            f"<iq type='set' to='{lab.domain}' id='{run}-{number}'><create xmlns='urn:rostrum:door:1' username='{run}-{number}' "
            f"claim='{uuid.uuid4()}'><password>{PASSWORD}</password></create></iq>" for number in range(count))
        began = time.monotonic()
        door.send(requests)
        door.read_answers(count)
        race.baseline.append(count / (time.monotonic() - began))

    take_turns(rounds, ours, baseline, "register")
    door.close()
    return race_table("register: publish to active account | requests at the door", race)
