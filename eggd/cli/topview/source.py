"""Finds the address of a suite's metrics and reads the page."""

from __future__ import annotations

import http.client
import json
import os
import socket
from pathlib import Path

from eggd.cli.backend import Local, by_systemd
from eggd.errors import EggError
from eggd.smallfile import read_own
from eggd.suite.address import is_path
from eggd.suite.files import METRICS_SOCKET, STATUS
from eggd.suite.names import SuiteNames

PATIENCE = 5.0
"""Seconds to wait for the agent."""
_LARGEST = 8 << 20
"""Bytes of a page: more than 999 workers have."""


class Source:
    """The metrics of one suite."""

    def __init__(self, address: str, start: str) -> None:
        """Takes the address, a path or `[HOST:]PORT`, and the command that starts the suite."""
        self.address = address
        self._start = start

    def page(self) -> str:
        """Returns the page; raises EggError with the remedy if it cannot be read."""
        connection = _Connection(self.address)
        try:
            connection.request("GET", "/metrics")
            response = connection.getresponse()
            content = response.read(_LARGEST + 1)
        except PermissionError as exc:
            raise EggError(
                f"{self.address}: permission denied", hint="run it as root or as the suite's user"
            ) from exc
        except (ConnectionRefusedError, FileNotFoundError) as exc:
            raise EggError(
                f"{self.address}: the agent does not run", hint=f"run '{self._start}'"
            ) from exc
        except (OSError, http.client.HTTPException) as exc:
            raise EggError(
                f"{self.address}: the agent does not answer: {str(exc) or type(exc).__name__}",
                hint="run 'eggd status'",
            ) from exc
        finally:
            connection.close()
        if response.status != 200 or len(content) > _LARGEST:
            raise EggError(f"{self.address}: not a page of metrics (status {response.status})")
        return content.decode("utf-8", "replace")


class _Connection(http.client.HTTPConnection):
    """A connection to a Unix socket or a TCP port of this host."""

    def __init__(self, address: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._address = address

    def connect(self) -> None:
        """Connects; raises OSError."""
        if is_path(self._address):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(PATIENCE)
            self.sock.connect(self._address)
        else:
            host, _, port = self._address.rpartition(":")
            where = (host.strip("[]") or "localhost", int(port))
            self.sock = socket.create_connection(where, PATIENCE)


def source(directory: Path | None) -> Source:
    """Returns the source of the host's suite, or of the one that a supervisor runs in a directory.

    Raises EggError if no suite runs there, or its metrics are switched off.
    """
    if by_systemd(directory) or (directory is None and "RUNTIME_DIRECTORY" in os.environ):
        names = SuiteNames.chosen(os.environ)
        runtime = Path(os.environ.get("RUNTIME_DIRECTORY") or names.runtime)
        return Source(_address(runtime), names.command("start"))
    local = Local(directory)
    start = f"eggd start {local.given}"
    if local.suite is None:
        raise EggError(local.missing, hint=f"run '{start}'")
    return Source(_address(local.suite.run), start)


def _address(runtime: Path) -> str:
    """Returns the address that the agent has written; without one the usual socket."""
    try:
        agent = json.loads(read_own(runtime / STATUS))["agent"]
        address = agent.get("metrics", str(runtime / METRICS_SOCKET))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        address = str(runtime / METRICS_SOCKET)
    if not address:
        raise EggError(
            "the suite has no metrics", hint="remove cluster.metrics.enable from its config"
        )
    return str(address)
