"""Notifies the service manager (sd_notify(3)), through the sdnotify library.

Each field is a datagram of its own, so that a text that cannot be sent does not suppress READY=1.
A text can never become a field. Without NOTIFY_SOCKET every call does nothing.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping

import sdnotify

from eggd.masking.secrets import public_line

_MOST_BYTES = 2000
"""Below the limit of systemd, which ignores a datagram above 4096 bytes."""

FAILED = errno.ECANCELED
"""The value of ERRNO= for every failure: ECANCELED, `Operation canceled`."""


class Notifier:
    """Sends readiness, status and watchdog pings; `text` is the last status."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.text = ""
        self._channel = _Channel(environ.get("NOTIFY_SOCKET", ""))

    def ready(self) -> None:
        """Reports that this process serves (READY=1)."""
        self._channel.send("READY=1")

    def stopping(self) -> None:
        """Reports that this process has begun to stop (STOPPING=1)."""
        self._channel.send("STOPPING=1")

    def watchdog(self) -> None:
        """Sends the ping that WatchdogSec= waits for (WATCHDOG=1)."""
        self._channel.send("WATCHDOG=1")

    def extend_timeout(self, seconds: float) -> None:
        """Extends the start or stop under way to at least `seconds` from now."""
        self._channel.send(f"EXTEND_TIMEOUT_USEC={int(seconds * 1_000_000)}")

    def status(self, text: str) -> None:
        """Shows `text` as this unit's status: one line of at most 2000 bytes.

        Control characters are escaped and secrets masked: every user of the host can read it.
        """
        self.text = _one_line(text)
        # sdnotify encodes latin-1: decoding as latin-1 here keeps the bytes of the UTF-8 text.
        self._channel.send("STATUS=" + self.text.encode().decode("latin-1"))

    def failed(self, text: str) -> None:
        """Shows `text` as the reason why this process ends, not as progress.

        ERRNO= marks it (sd_notify(3)), so that readers of the unit can distinguish the two. It is
        sent first, so that the reason is never read as progress.
        """
        self._channel.send(f"ERRNO={FAILED}")
        self.status(text)

    def retrying(self) -> None:
        """Takes back an earlier failure and its mark: a unit without a process may fail twice."""
        self.status("")
        self._channel.send("ERRNO=0")

    @property
    def heard(self) -> bool:
        """Whether a service manager listens."""
        return bool(self._channel.address)

    def reload(self, reason: str) -> None:
        """Asks eggd's supervisor for new workers (X_EGGD_RELOAD=REASON); systemd ignores it."""
        self._channel.send("X_EGGD_RELOAD=" + _one_line(reason).encode().decode("latin-1"))

    def close(self) -> None:
        """Closes the socket; later calls do nothing."""
        self._channel.close()


class _Channel(sdnotify.SystemdNotifier):  # type: ignore[misc]
    """A sender with a given address: sdnotify's own constructor reads os.environ."""

    def __init__(self, address: str) -> None:
        self.debug = True  # so that `notify` raises and a lost peer is noticed
        self.socket: socket.socket | None = None
        self.address = "\0" + address[1:] if address.startswith("@") else address

    def send(self, state: str) -> None:
        """Sends one field; after an error, connects again at the next call."""
        if not self.address:
            return
        try:
            if self.socket is None:
                self.socket = _connect(self.address)
            self.notify(state)
        except OSError:
            self._disconnect()

    def close(self) -> None:
        self.address = ""
        self._disconnect()

    def _disconnect(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def _connect(address: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock


def _one_line(text: str) -> str:
    return public_line(text).encode()[:_MOST_BYTES].decode(errors="ignore")
