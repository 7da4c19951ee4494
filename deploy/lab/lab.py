# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole lab in one short directory: certificates, PostgreSQL and Prosody, with the two accounts that Rostrum speaks as."""

import secrets
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .certificates import Certificates
from .ports import Ports
from .postgres import Postgres
from .prosody import Prosody

_SOCKET_PATH_BYTES = 107  # sun_path; the longest name below is "/pg/.s.PGSQL.31999"


class Lab:
    """Use it with `with`. Without a folder it makes its own and removes it at the end; a given folder stays and can be used again."""

    def __init__(self, folder=None, *, postgres=True, prosody=True, host="example.test", **prosody_arguments):
        self._is_own_folder = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="rl-")).resolve()
        if len(str(self.folder)) + len("/pg/.s.PGSQL.31999.lock") > _SOCKET_PATH_BYTES:
            raise ValueError(f"too long for Unix sockets below it: {self.folder}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)  # servers run as other users and must get through, not look around
        self.ports = Ports()
        self.certificates = Certificates(self.folder / "tls")
        self.postgres = Postgres(self.folder / "pg", self.ports.take()) if postgres else None
        self.prosody = None
        if prosody:
            self.prosody = Prosody(self.folder / "xmpp", self.ports.take(), self.certificates, host=host, **prosody_arguments)

    @property
    def domain(self):
        return self.prosody.host

    @property
    def jabber_address(self):
        return ("127.0.0.1", self.prosody.port)

    @property
    def ca(self):
        return self.certificates.ca_file

    @property
    def site_jid(self):
        return self.prosody.site

    @property
    def control_jid(self):
        return self.prosody.control

    @property
    def site_password_file(self):
        return self.folder / "site.password"

    @property
    def control_password_file(self):
        return self.folder / "control.password"

    def start_postgres(self):
        self.postgres.start()

    def start_prosody(self):
        """With the site's and the control account, whose passwords are made on the first start."""
        self.certificates.make_authority()
        self.prosody.configure()
        existing = self.prosody.accounts()
        for jid, file in ((self.site_jid, self.site_password_file), (self.control_jid, self.control_password_file)):
            username = jid.partition("@")[0]
            if username not in existing:
                file.touch(mode=0o600)
                file.write_text(secrets.token_urlsafe(24) + "\n")
                self.prosody.adduser(username, file.read_text().strip())
        self.prosody.start()

    def start(self):
        if self.postgres:
            self.start_postgres()
        if self.prosody:
            self.start_prosody()

    def close(self):
        """Stops all; what cannot be stopped in time is killed and the first such error raised when the rest is done."""
        with ExitStack() as ending:
            if self._is_own_folder:
                ending.callback(shutil.rmtree, self.folder, ignore_errors=True)
            ending.callback(self.ports.close)
            for server in (self.postgres, self.prosody):
                if server:
                    ending.callback(server.stop)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()
