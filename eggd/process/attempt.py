"""One attempt of a worker to boot: sleeps after failed ones, and reports its own failure."""

from __future__ import annotations

import signal
from pathlib import Path

from eggd import endfile
from eggd.host.venv import entered_venv
from eggd.masking.secrets import public_line
from eggd.messenger import MessengerConfig, announce_failed_boot
from eggd.process.backoff import Backoff
from eggd.suite.backoff import Sleep
from eggd.suite.restart import UNSTARTED, Restart
from eggd.systemd import Notifier

_SPARE_TIME = 30.0
"""Seconds added to the sleep when the start time is extended (EXTEND_TIMEOUT_USEC)."""


class Attempt:
    """The boot of one slot; reports a failure to the agent, which stops waiting for the worker."""

    def __init__(self, directory: Path, slot: int, notifier: Notifier) -> None:
        self._directory = directory
        self._slot = slot
        self._notifier = notifier
        self._backoff = Backoff(directory, slot)
        self._config = MessengerConfig(directory=str(directory))

    def sleep(self) -> bool:
        """Sleeps after failed boots; returns False if SIGTERM ended the sleep."""
        wait = None if entered_venv() else self._backoff.delay()
        if wait is None:
            return True
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            self._report(wait)
            came = signal.sigtimedwait({signal.SIGTERM}, wait.seconds)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if came is not None:
            self._backoff.clear()
        return came is None

    def failed(self, reason: str) -> None:
        """Counts this boot as failed and sends the reason, without secrets, to the agent."""
        reason = public_line(reason)
        self._backoff.failed(reason)
        endfile.write(self._directory, self._slot, Restart(UNSTARTED, reason))
        announce_failed_boot(self._config, self._slot, {"reason": reason})

    def _report(self, wait: Sleep) -> None:
        self._notifier.extend_timeout(wait.seconds + _SPARE_TIME)
        self._notifier.status(wait.text)
        announce_failed_boot(self._config, self._slot, {"reason": wait.reason})
