# SPDX-License-Identifier: GPL-3.0-or-later
"""After the story: what to try, and a watch that starts again what the visitor kills."""
import time

from stage import ROOT, RUNTIME
from telling import Telling


def invite(telling: Telling, services, story) -> None:
    one = story.chance.choice(story.cast.people)
    group, title = next(iter(story.cast.groups.items()))
    lab = services.lab
    domain = lab.domain
    telling.heading("All of it is still running. In another terminal, try:")
    telling.say(f"""
    cd {ROOT}
    export PATH=$PWD/build/release/bin:$PATH ROSTRUM_CONFIG=$PWD/{RUNTIME.relative_to(ROOT)}/rostrum.toml

    rostrum announce --all --wait 'Coffee is ready.'           # to everybody, with progress
    {f"rostrum announce --group {group} 'We start at eight.'":<58} # to {title}
    rostrum notice list                                        # what became of each
    rostrum member add mallory --jid mallory@{domain} --password-file - <<< 'a-good-password'
    rostrum member list                                        # who has an account
    rostrum who                                                # who is online, and how we know
    {f"rostrum timeline {one.member_id}":<58} # when {one.name} came and went
    rostrum watch                                              # all that comes and goes, as it happens
    rostrum dead list                                          # what could not be done, and why
    rostrum check                                              # is all as it should be?

    kill -9 $(cat var/demo/run/gateway.pid)                    # it is started again; announce or watch meanwhile
    curl -s {services.instances['notification'].http}/metrics | grep ^rostrum
    psql '{lab.postgres.conninfo('rostrum_reader')}' -c 'SELECT * FROM presence.member_now'
    tail -f var/demo/logs/*.log

  With a Jabber client of your own: {one.jid}, password {one.password},
  server 127.0.0.1, port {lab.prosody.port}; let it trust var/demo/tls/ca.crt.

Ctrl-C stops everything.""")


def watch(telling: Telling, services) -> None:
    """Until Ctrl-C."""
    while True:
        time.sleep(0.5)
        for name, process in list(services.processes.items()):
            if not process.is_running():
                telling.say(f"{time.strftime('%H:%M:%S')}  {name} has died (exit status {process.returncode}); starting it again")
                services.start(name)
