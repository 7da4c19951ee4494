# SPDX-License-Identifier: Apache-2.0
"""The generated messages of proto/rostrum/v1, made by protoc when they are first asked for: `from contract import bus_pb2`."""
import atexit
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_PROTO = Path(__file__).resolve().parents[2] / "proto"
_FOLDER = tempfile.mkdtemp(prefix="rostrum-proto-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
subprocess.run(["protoc", "-I", _PROTO, f"--python_out={_FOLDER}", *sorted((_PROTO / "rostrum" / "v1").glob("*.proto"))], check=True)
sys.path.insert(0, _FOLDER)

from rostrum.v1 import bus_pb2, command_pb2, event_pb2  # noqa: E402, F401
