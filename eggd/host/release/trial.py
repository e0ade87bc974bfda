"""Tries a release in the spare, which answers on a socket of its own: no client reaches it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import NotReadyError
from eggd.host.executor import Executor
from eggd.host.release.base_dir import KEY
from eggd.host.release.health import Address, Check
from eggd.host.reload_lock import TRIAL_SETTINGS, reload_lock
from eggd.host.systemctl import Systemctl
from eggd.identityfile import read
from eggd.suite.files import TRIAL_SOCKET, boot_file, identity_file
from eggd.suite.names import SuiteNames
from eggd.suite.requests import Restart, Stop
from eggd.suite.slots import SPARE
from eggd.suite.variables import TRIAL
from eggd.wholefile import write_whole

PATIENCE = 5.0
"""Seconds until a release that is ready must give a healthy answer."""
INTERVAL = 0.5
"""Seconds between two requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The spare of one application."""

    systemctl: Systemctl
    names: SuiteNames
    rundir: Path
    lock_directory: Path
    say: Callable[[str], None]

    def run(self, release: Path, check: Check) -> bool:
        """Starts a release in the spare, asks it, and stops it.

        Returns False, and does nothing, if the spare serves clients after a reload that failed.
        Raises NotReadyError if the release does not start or is not healthy; RunningError if a
        reload is running.
        """
        with reload_lock(self.lock_directory, self.names):
            settings = self.lock_directory / TRIAL_SETTINGS
            if self.systemctl.state(self.names.spare).ready and not settings.exists():
                return False
            write_whole(settings, f"{KEY}={release}\n{TRIAL}=1\n".encode(), 0o600)
            try:
                self._start()
                self._ask(check)
            finally:
                settings.unlink(missing_ok=True)
                self._executor().execute(Stop((self.names.spare,)))
                self._forget_failures()
        return True

    def _start(self) -> None:
        self._forget_failures()
        failed = self._executor().execute(Restart((self.names.spare,)))
        if failed:
            raise NotReadyError(f"it does not start: {failed[self.names.spare]}")

    def _ask(self, check: Check) -> None:
        pid = self.systemctl.state(self.names.spare).pid
        identity = read(self.rundir / identity_file(SPARE), pid)
        address = Address.of_socket(
            self.rundir / TRIAL_SOCKET, identity.scheme if identity else "http"
        )
        until = time.monotonic() + PATIENCE
        while problem := check.ask(address):
            if time.monotonic() > until:
                raise NotReadyError(problem)
            time.sleep(INTERVAL)

    def _executor(self) -> Executor:
        return Executor(self.systemctl, self.say, self.say, self.names, self.rundir)

    def _forget_failures(self) -> None:
        """A failed trial must not delay the spare of the next reload."""
        (self.rundir / boot_file(SPARE)).unlink(missing_ok=True)
