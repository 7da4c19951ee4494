# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Prosody with Rostrum's module: TLS with the lab's CA, tuned as operators should tune theirs."""

import re
import signal
import socket
from pathlib import Path

from . import admin_shell
from .process import Process, give_to, run, unprivileged

_OS_USER = "prosody"
_JABBER_FOLDER = Path(__file__).resolve().parents[1] / "jabber" / "prosody"
TEMPLATE = _JABBER_FOLDER / "prosody.cfg.lua.in"


class Prosody:
    """One VirtualHost. `site` and `control` are user names on it; more hosts or settings come as Lua in extra_*, more modules by name or as
    paths of mod_<name>.lua files."""

    def __init__(self, folder, port, certificates, host="example.test", site="site", control="rostrum",
                 site_name="Example site", extra_modules=(), extra_host_settings="", extra_settings="", extra_hosts=()):
        self.folder = Path(folder)
        self.port = port
        self.host = host
        self.site = f"{site}@{host}"
        self.control = f"{control}@{host}"
        self.site_name = site_name
        self.certificates = certificates
        self.config_path = self.folder / "prosody.cfg.lua"
        self.log_path = self.folder / "prosody.log"
        self.extra_modules = extra_modules
        self.extra_host_settings = extra_host_settings
        self.extra_settings = extra_settings
        self.extra_hosts = extra_hosts
        self._process = None

    @property
    def ca_file(self):
        return self.certificates.ca_file

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process is not None and self._process.is_running()

    def configure(self):
        """Writes certificates and configuration, copies the module to where an unprivileged user can read it, and gives the folder to the server's user."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("data", "certs", "modules/mod_rostrum"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for host in (self.host, *self.extra_hosts):
            if not (self.folder / "certs" / f"{host}.crt").exists():
                self.certificates.make_host(host, self.folder / "certs")
        for source in (_JABBER_FOLDER / "mod_rostrum").glob("*.lua"):
            (self.folder / "modules" / "mod_rostrum" / source.name).write_bytes(source.read_bytes())
        for source in self.extra_modules:
            if isinstance(source, Path):
                (self.folder / "modules" / source.name).write_bytes(source.read_bytes())
        values = {
            "DIR": self.folder, "PORT": self.port, "HOST": self.host, "SITE": self.site, "SITE_NAME": self.site_name,
            "CONTROL": self.control, "EXTRA_MODULES": "".join(f'"{_module_name(module)}"; ' for module in self.extra_modules),
            "EXTRA_SETTINGS": self.extra_settings, "EXTRA_HOST_SETTINGS": self.extra_host_settings,
        }
        text = re.sub(r"@([A-Z_]+)@", lambda match: str(values[match[1]]), TEMPLATE.read_text(encoding="utf-8"))
        self.config_path.write_text(text, encoding="utf-8")
        give_to(_OS_USER, self.folder)

    def start(self, deadline_s=20):
        self.configure()
        self._process = Process("prosody", ["prosody", "-F", "--config", self.config_path], self.log_path, user=_OS_USER,
                                cwd=self.folder)
        self._process.wait_ready(self._accepts, deadline_s)

    def _accepts(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self, deadline_s=20):
        if self._process is not None:
            self._process.stop(deadline_s=deadline_s)

    def kill9(self):
        self._process.kill()

    def pause(self):
        """It stands still, connections open."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def restart(self):
        self.stop()
        self.start()

    def adduser(self, username, password, host=None):
        """`prosodyctl adduser`, as an operator does it: another process that writes the store behind the server's back."""
        self._prosodyctl("adduser", f"{username}@{host or self.host}", text=f"{password}\n{password}\n")

    def passwd(self, username, password):
        self._prosodyctl("passwd", f"{username}@{self.host}", text=f"{password}\n{password}\n")

    def deluser(self, username, host=None):
        self._prosodyctl("deluser", f"{username}@{host or self.host}")

    def sessions(self):
        """The server's own list of who is available (admin_shell.Session), sorted; without the two accounts that Rostrum speaks as."""
        return [session for session in self._all_sessions() if session.jid not in (self.site, self.control)]

    def site_sessions(self):
        """Full JIDs under which the site is available."""
        return [f"{session.jid}/{session.resource}" for session in self._all_sessions() if session.jid == self.site]

    def _all_sessions(self):
        return admin_shell.sessions(self.folder / "prosody.sock", self.host)

    def shell(self, line):
        """One line for the running server's admin shell."""
        return self._prosodyctl("shell", line)

    def _prosodyctl(self, *arguments, text=""):
        return run(["prosodyctl", "--config", self.config_path, *arguments], what=f"prosodyctl {arguments[0]}",
                   input=text, cwd=self.folder, **unprivileged(_OS_USER))

    def accounts(self):
        """User names in the store, sorted."""
        folder = self.store("accounts")
        return sorted(re.sub(r"%([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), path.stem) for path in folder.glob("*.dat"))

    def store(self, name, host=None):
        """Where the internal storage keeps one store: <folder>/<user>.dat."""
        def encode(text):
            return re.sub(r"[^A-Za-z0-9]", lambda match: f"%{ord(match[0]):02x}", text)
        return self.folder / "data" / encode(host or self.host) / name.replace("-", "%2d")

    def put_in_store(self, name, username, text):
        """Writes one record, as a crash or an operator's hand would leave it."""
        folder = self.store(name)
        folder.mkdir(exist_ok=True)
        (folder / f"{username}.dat").write_text(text, encoding="utf-8")
        give_to(_OS_USER, folder)

    def log_tail(self, lines=20):
        return self._process.log_tail(lines)

    def log_text(self):
        return self.log_path.read_text(errors="replace")


def _module_name(module):
    return module.stem.removeprefix("mod_") if isinstance(module, Path) else module
