"""The agent's control socket: `agent-control.sock` (0600), by which commands ask the agent.

    {"command": "request", "action": "logs-rotate", "data": null}

The answer is that of the handler which the agent has for the action (`messenger.on_request`).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from eggd.control import AGENT
from eggd.control.server import MOST, ControlServer, Say
from eggd.errors import ControlError, HandlerFailedError, ListenError, NoHandlerError
from eggd.messenger import Messenger

LIMIT = 30.0
"""Seconds that a handler has for its answer."""


class AgentControl(ControlServer):
    """Passes requests of the command line to the agent's handlers."""

    def __init__(self, rundir: Path, messenger: Messenger) -> None:
        path = rundir / AGENT
        super().__init__(str(path), lambda: _bind(path))
        self._messenger = messenger

    async def answer(self, request: Mapping[str, object], say: Say) -> object:
        """Returns the answer of the handler of `action` to `data`.

        Raises ControlError for another request, for an action without a handler, and with the text
        of an exception of the handler; MessengerError like `Messenger.request`.
        """
        action = request.get("action")
        if request["command"] != "request" or not isinstance(action, str):
            raise ControlError(f"{AGENT}: {request['command']!r}: unknown command")
        try:
            return await self._messenger.request(
                action, request.get("data"), to=os.getpid(), timeout=LIMIT
            )
        except NoHandlerError:
            raise ControlError(
                f"the agent has no handler for {action!r}", hint="is its plugin off?"
            ) from None
        except HandlerFailedError as exc:
            raise ControlError(exc.reason or exc.type_name) from exc


def _bind(path: Path) -> socket.socket:
    """Returns the listening socket, in place of that of a former agent. Raises ListenError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        # Before bind(2): the path never has other permissions.
        os.fchmod(sock.fileno(), 0o600)
        with suppress(FileNotFoundError):
            path.unlink()
        sock.bind(os.fspath(path))
        sock.listen(MOST)
    except OSError as exc:
        sock.close()
        raise ListenError(f"cannot bind {path}: {exc}") from exc
    return sock
