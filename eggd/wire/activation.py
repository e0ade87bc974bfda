"""The sockets and addresses that a service manager passes in the environment, as a frozen value.

The variables are those of sd_listen_fds(3), sd_notify(3) and sd_watchdog_enabled(3). No
descriptor is touched here (`eggd.systemd.sockets` adopts them).
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from eggd.errors import SystemdError

FIRST_FD = 3
"""The first passed descriptor (SD_LISTEN_FDS_START)."""

_MOST_FDS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """Descriptors by name, the notify socket, the watchdog's interval."""

    names: tuple[str, ...] = ()
    """Name of each descriptor, from 3 upwards (`FileDescriptorName=` of the socket unit)."""
    notify_socket: str = ""
    """Address that readiness and status go to; empty without a service manager."""
    watchdog_usec: int = 0
    """Microseconds within which WATCHDOG=1 must be sent; 0 without a watchdog."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], pid: int) -> Activation:
        """Returns the values for process `pid`; raises SystemdError for a malformed variable.

        Variables that name another process are ignored, as by sd_listen_fds(3).
        """
        return cls(
            names=_names(environ) if _number(environ, "LISTEN_PID") == pid else (),
            notify_socket=_notify_socket(environ),
            watchdog_usec=_watchdog(environ, pid),
        )

    @staticmethod
    def take(environ: MutableMapping[str, str]) -> None:
        """Removes the LISTEN_ variables, so that no child takes the sockets for its own."""
        for key in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
            environ.pop(key, None)

    def fd(self, name: str) -> int | None:
        """Returns the descriptor named `name`, or None if no descriptor was passed.

        Raises SystemdError if only others were passed, or several of that name.
        """
        if not self.names:
            return None
        if self.names.count(name) == 1:
            return FIRST_FD + self.names.index(name)
        names = ", ".join(repr(each) for each in self.names)
        raise SystemdError(
            f"one inherited socket must be named {name!r}, these came: {names}",
            hint="see FileDescriptorName= and the Listen lines of the socket unit",
        )


def _names(environ: Mapping[str, str]) -> tuple[str, ...]:
    count = _number(environ, "LISTEN_FDS")
    if count > _MOST_FDS:
        raise SystemdError(f"LISTEN_FDS={count}: more than {_MOST_FDS} descriptors")
    text = environ.get("LISTEN_FDNAMES")
    if text is None:
        return ("unknown",) * count
    names = tuple(text.split(":")) if text or count else ()
    if len(names) != count:
        raise SystemdError(f"LISTEN_FDNAMES={text!r} does not name LISTEN_FDS={count} descriptors")
    return names


def _notify_socket(environ: Mapping[str, str]) -> str:
    address = environ.get("NOTIFY_SOCKET", "")
    if address and address[0] not in "/@":
        raise SystemdError(
            f"NOTIFY_SOCKET={address!r} is neither an absolute path nor an abstract name"
        )
    return address


def _watchdog(environ: Mapping[str, str], pid: int) -> int:
    if "WATCHDOG_PID" in environ and _number(environ, "WATCHDOG_PID") != pid:
        return 0
    return _number(environ, "WATCHDOG_USEC")


def _number(environ: Mapping[str, str], key: str) -> int:
    text = environ.get(key, "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise SystemdError(f"{key}={text!r} is not a number")
    return int(text)
