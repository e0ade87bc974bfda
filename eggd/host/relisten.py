"""The address of egg.socket: the drop-in that systemd reads, and a pending address.

systemd closes a listener whose address changes in its unit files at any daemon-reload, even one
that apt runs. So an address chosen while the suite runs waits in a file that systemd does not read,
until egg-master starts with no worker running: after its own stop in a restart, or at boot.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eggd.errors import SystemdError
from eggd.host.systemctl import Systemctl
from eggd.smallfile import read_small
from eggd.suite import address
from eggd.suite.slots import LISTENER, WORKERS

DIRECTORY = Path(f"/etc/systemd/system/{LISTENER}.d")
"""Drop-ins of egg.socket; egg-master.service may write here (ReadWritePaths=)."""

IN_FORCE = "listen.conf"
PENDING = "listen.pending"
"""Not `*.conf`, so systemd does not read it."""

_HEAD = "[Socket]\nListenStream=\nListenStream="


@dataclass(frozen=True, slots=True)
class Relisten:
    """Changes the address of egg.socket, now or at the next start of the suite."""

    systemctl: Systemctl
    directory: Path = DIRECTORY
    record: Path | None = None
    """The file with the addresses when egg-master started."""

    def before_start(self) -> str:
        """Applies a pending address and returns it; "" without one, or while workers run."""
        address = pending(self.directory)
        if not address or _any_up(self.systemctl, WORKERS):
            return ""
        self.systemctl.stop(LISTENER)
        self.adopt()
        return address

    def started(self) -> None:
        """Records the addresses: a later daemon-reload may change what systemd shows."""
        assert self.record is not None
        text = " ".join(self.systemctl.listens(LISTENER))
        try:
            self.record.parent.mkdir(mode=0o700, exist_ok=True)
            self.record.write_text(text, encoding="utf-8")
        except OSError as exc:
            raise _cannot(self.record, exc) from exc

    def is_due(self) -> bool:
        """Returns whether a restart opens another listener.

        True also if other unit files changed the address: systemd has closed the listener then.
        """
        addresses = self._open_addresses()
        changed = bool(addresses) and addresses != self.systemctl.listens(LISTENER)
        return changed or bool(pending(self.directory))

    def _open_addresses(self) -> list[str]:
        try:
            return read_small(self.record).decode().split() if self.record else []
        except OSError:
            return []

    def choose(self, stream: str) -> bool:
        """Sets the address; returns whether it is in force (suite down, or address unchanged).

        Raises SystemdError if systemctl fails or the drop-in cannot be written.
        """
        down = self._is_down()
        if not down and self._is_open_on(stream):
            self._remove()
            return True
        self._write(stream)
        if down:
            self.adopt()
        return down

    def adopt(self) -> None:
        """Applies the pending address; only while egg.socket is closed."""
        try:
            (self.directory / PENDING).replace(self.directory / IN_FORCE)
        except OSError as exc:
            raise _cannot(self.directory / IN_FORCE, exc) from exc
        reloaded = self.systemctl.daemon_reload()
        if not reloaded.ok:
            raise SystemdError(f"systemctl daemon-reload: {reloaded.err}")

    def _is_down(self) -> bool:
        return not _any_up(self.systemctl, LISTENER, WORKERS)

    def _is_open_on(self, stream: str) -> bool:
        return self.systemctl.listens(LISTENER) == [address.systemd_form(stream)]

    def _write(self, stream: str) -> None:
        path = self.directory / PENDING
        new = path.with_suffix(".new")
        try:
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            new.write_text(f"{_HEAD}{stream}\n", encoding="ascii")
            new.chmod(0o644)
            new.replace(path)
        except OSError as exc:
            raise _cannot(path, exc) from exc

    def _remove(self) -> None:
        path = self.directory / PENDING
        try:
            path.unlink(missing_ok=True)
        except OSError as exc:
            raise _cannot(path, exc) from exc


def pending(directory: Path = DIRECTORY) -> str:
    """Returns the pending address, "" without one; readable for all users."""
    try:
        text = read_small(directory / PENDING).decode(errors="replace")
    except OSError:
        return ""
    return text.rpartition("ListenStream=")[2].strip()


def _any_up(systemctl: Systemctl, *units: str) -> bool:
    down = ("inactive", "failed")
    return any(state.active not in down for state in systemctl.states(*units))


def _cannot(path: Path, exc: OSError) -> SystemdError:
    return SystemdError(f"{path}: {exc.strerror}", hint="run it as root")
