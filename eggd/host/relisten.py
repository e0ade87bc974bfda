"""The address of egg.socket: the drop-in that systemd reads, and a pending address.

systemd closes a listener whose address changes in its unit files at any daemon-reload, even one
that apt runs. So an address chosen while the suite runs waits in a file that systemd does not read,
until egg-master starts with no worker running: after its own stop in a restart, or at boot.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eggd.errors import SystemdError
from eggd.host.drop_in import write_drop_in
from eggd.host.loaded_units import daemon_reload
from eggd.host.systemctl import Systemctl
from eggd.smallfile import read_small
from eggd.socketfile import Access, describe
from eggd.suite import address
from eggd.suite.names import SuiteNames

IN_FORCE = "listen.conf"
PENDING = "listen.pending"
"""Not `*.conf`, so systemd does not read it."""

_HEAD = "[Socket]\nListenStream=\nListenStream="
# systemd would report that NoDelay=, which is for TCP, fails.
_FILE = "SocketUser={0.user}\nSocketGroup={0.group}\nSocketMode={0.mode:04o}\nNoDelay=no\n"


@dataclass(frozen=True, slots=True)
class Relisten:
    """Changes the address of egg.socket, now or at the next start of the suite."""

    systemctl: Systemctl
    names: SuiteNames
    """The names of the suite."""
    directory: Path
    """The drop-ins of its listener; its master may write here (ReadWritePaths=)."""
    record: Path | None = None
    """The file with the addresses when egg-master started."""

    def before_start(self) -> str:
        """Applies a pending address and returns it; "" without one, or while workers run."""
        address = pending(self.directory)
        if not address or _any_up(self.systemctl, self.names.workers):
            return ""
        self.systemctl.stop(self.names.listener)
        self.adopt()
        return address

    def started(self) -> None:
        """Records the addresses: a later daemon-reload may change what systemd shows."""
        assert self.record is not None
        text = " ".join(self.systemctl.listens(self.names.listener))
        try:
            self.record.parent.mkdir(mode=0o700, exist_ok=True)
            self.record.write_text(text, encoding="utf-8")
        except OSError as exc:
            raise _cannot(self.record, exc) from exc

    def is_due(self) -> bool:
        """Returns whether a restart opens another listener.

        True also if other unit files changed the address: systemd has closed the listener then. Or
        if the file of a Unix socket was removed: no client can reach the listener then.
        """
        addresses = self._open_addresses()
        changed = bool(addresses) and addresses != self.systemctl.listens(self.names.listener)
        return changed or bool(pending(self.directory)) or any(map(is_removed, addresses))

    def _open_addresses(self) -> list[str]:
        try:
            return read_small(self.record).decode().split() if self.record else []
        except OSError:
            return []

    def choose(self, stream: str, access: Access | None = None) -> bool:
        """Sets the address; returns whether it is in force (suite down, or address unchanged).

        `access` is that of a Unix socket. Raises SystemdError if systemctl fails or the drop-in
        cannot be written.
        """
        text = f"{_HEAD}{stream}\n" + (_FILE.format(access) if access else "")
        down = self._is_down()
        if not down and self.is_open_on(stream) and (access is None or self._in_force() == text):
            self._remove()
            return True
        self._write(text)
        if down:
            self.adopt()
        return down

    def adopt(self) -> None:
        """Applies the pending address; only while egg.socket is closed."""
        try:
            (self.directory / PENDING).replace(self.directory / IN_FORCE)
        except OSError as exc:
            raise _cannot(self.directory / IN_FORCE, exc) from exc
        daemon_reload(self.systemctl)

    def _is_down(self) -> bool:
        return not _any_up(self.systemctl, self.names.listener, self.names.workers)

    def is_open_on(self, stream: str) -> bool:
        """Returns whether systemd has this address for egg.socket, and only this one."""
        return self.systemctl.listens(self.names.listener) == [address.systemd_form(stream)]

    def _in_force(self) -> str:
        try:
            return read_small(self.directory / IN_FORCE).decode(errors="replace")
        except OSError:
            return ""

    def _write(self, text: str) -> None:
        path = self.directory / PENDING
        try:
            write_drop_in(path, text)
        except OSError as exc:
            raise _cannot(path, exc) from exc

    def _remove(self) -> None:
        path = self.directory / PENDING
        try:
            path.unlink(missing_ok=True)
        except OSError as exc:
            raise _cannot(path, exc) from exc


def pending(directory: Path) -> str:
    """Returns the pending address, "" without one; readable for all users."""
    try:
        text = read_small(directory / PENDING).decode(errors="replace")
    except OSError:
        return ""
    return text.rpartition("ListenStream=")[2].partition("\n")[0].strip()


def is_removed(stream: str) -> bool:
    """Returns whether an address is a Unix socket whose file does not exist."""
    return address.is_path(stream) and describe(stream) == "removed"


def _any_up(systemctl: Systemctl, *units: str) -> bool:
    down = ("inactive", "failed")
    return any(state.active not in down for state in systemctl.states(*units))


def _cannot(path: Path, exc: OSError) -> SystemdError:
    return SystemdError(f"{path}: {exc.strerror}", hint="run it as root")
