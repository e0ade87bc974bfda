"""Every exception that eggd raises on purpose.

Rules: a message says what, where and the value (`{value!r}`); the hint says what to do. `line` is
the one line an operator sees. Nobody above prints a traceback for an `EggError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

LONGEST = 10_000
"""Characters of a message that `EggError.line` shows: a client may have supplied it."""


class EggError(Exception):
    """Base of all expected failures; `hint` is the cure, in one clause."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def line(self) -> str:
        """Returns message and hint as one line for journal, status and terminal.

        Control characters are escaped, and secrets that the message quotes are masked.
        """
        from eggd.masking.secrets import public_line  # compiles patterns: not for `eggd --help`

        text = f"{self.message} ({self.hint})" if self.hint else self.message
        return public_line(text[:LONGEST])

    def __str__(self) -> str:
        return self.line


class ConfigError(EggError):
    """Raised when a config file, key or value is wrong; the message names file and key."""


class PluginError(EggError):
    """Raised when the table of plugins cannot be resolved."""


class LoadError(EggError):
    """Raised when a file of the app cannot be loaded; the message names the file and line."""


class ExtendError(LoadError):
    """Raised when an `app/extend` file cannot be composed into its class."""


class RouteError(LoadError):
    """Raised when the router file names something that is not there."""


class BootError(EggError):
    """Raised when a process cannot start: a hook, a time limit, a listener."""


class SystemdError(EggError):
    """Raised when what systemd handed over (sockets, environment) is not what the unit promises."""


class MessengerError(EggError):
    """Base of what sending a message may raise."""


class OutboxFullError(MessengerError):
    """Raised when the bounded outbox to a peer is full; nothing was queued."""


class MessageTooLargeError(MessengerError):
    """Raised when a message is above the configured cap; nothing was sent."""


class WebSocketClosedError(EggError):
    """Raised by a WebSocket's `send` and `receive` when either side has closed it."""


class HttpError(EggError):
    """An answer to the client: `status`, a message, extra headers, and whether to show the message.

    `expose` is true below 500 unless said otherwise: an operator's detail never reaches a client
    (core:CTX-8). The default message is the status's own phrase (RFC 9110 section 15).
    """

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        expose: bool | None = None,
        headers: Mapping[str, str] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message or _phrase(status), hint=hint)
        self.status = status
        self.expose = status < 500 if expose is None else expose
        self.headers = dict(headers or {})


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status)
