# SPDX-License-Identifier: GPL-3.0-or-later
"""deploy/container/ready: the images' health check."""
import subprocess
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

READY = Path(__file__).resolve().parents[3] / "deploy/container/ready"


class Answering:
    """A service that gives one answer on /readyz, and 404 elsewhere."""

    def __init__(self, status: int, text: str):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status if self.path == "/readyz" else 404)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def __enter__(self) -> "Answering":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()


def ready(port: int) -> tuple[int, str]:
    done = subprocess.run([READY, str(port)], capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout


class Ready(unittest.TestCase):
    def test_says_yes_and_what_the_service_says(self):
        with Answering(200, "database: good\nintake: good\n") as service:
            self.assertEqual(ready(service.port), (0, "database: good\nintake: good\n"))

    def test_says_no_and_what_is_missing(self):
        with Answering(503, "database: away\n") as service:
            self.assertEqual(ready(service.port), (1, "database: away\n"))

    def test_says_no_when_nobody_answers(self):
        with Answering(200, "") as service:
            port = service.port
        self.assertEqual(ready(port)[0], 1)


if __name__ == "__main__":
    unittest.main()
