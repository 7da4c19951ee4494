# SPDX-License-Identifier: GPL-3.0-or-later
"""An own certificate authority for one lab, and certificates for its hosts."""

from pathlib import Path

from .process import run

_DAYS = "30"
_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Certificates:
    """ca.crt and, for each host, <name>.crt and <name>.key in one folder."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = self.folder / "ca.crt"
        self._ca_key = self.folder / "ca.key"

    def make_authority(self, name="Rostrum lab CA"):
        if not self.ca_file.exists():
            run(["openssl", "req", "-x509", *_KEY, "-days", _DAYS, "-subj", f"/CN={name}",
                 "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                 "-keyout", self._ca_key, "-out", self.ca_file], what="making the CA")
            self._ca_key.chmod(0o600)

    def make_host(self, host, folder=None, file_name=None):
        """A certificate for `host`. With file_name it is filed under another host's name: a wrong certificate, for tests."""
        folder = Path(folder or self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        stem = folder / (file_name or host)
        key, certificate, request = (Path(f"{stem}{suffix}") for suffix in (".key", ".crt", ".csr"))
        run(["openssl", "req", "-new", *_KEY, "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
             "-addext", "basicConstraints=CA:FALSE", "-keyout", key, "-out", request], what=f"making a key for {host}")
        run(["openssl", "x509", "-req", "-in", request, "-CA", self.ca_file, "-CAkey", self._ca_key, "-days", _DAYS,
             "-copy_extensions", "copy", "-out", certificate], what=f"signing the certificate of {host}")
        request.unlink()
        key.chmod(0o600)
        return certificate, key
