"""One process of a suite as a test sees it: its messages and lines, and waits for them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from eggd.errors import NotReadyError
from eggd.supervisor.child import Launch
from eggd.supervisor.service import MainProcess, Service
from eggd.wire.notify import Fields


class Child(MainProcess):
    """A started process, recorded from its start to its end.

    `notifications` are the fields of sd_notify(3), `lines` those of both outputs, each in order.
    `changed` is notified after every event.
    """

    def __init__(self, service: Service, launch: Launch, changed: Condition) -> None:
        self.notifications: list[tuple[str, str]] = []
        self.lines: list[str] = []
        self._changed = changed
        super().__init__(service, launch)
        self.name = name_of(self.name)

    @property
    def pings(self) -> int:
        """The number of WATCHDOG=1 received."""
        return self.notifications.count(("WATCHDOG", "1"))

    @property
    def statuses(self) -> list[str]:
        """All STATUS= texts, oldest first."""
        return [value for key, value in self.notifications if key == "STATUS"]

    def wait(self, happened: Callable[[Child], bool], what: str, timeout: float = 20.0) -> Child:
        """Waits until `happened(self)`; raises NotReadyError with `what` if the process ends or
        `timeout` seconds pass first."""
        with self._changed:
            self._changed.wait_for(lambda: happened(self) or not self.alive, timeout)
            if happened(self):
                return self
            state = f"alive after {timeout:g} s" if self.alive else f"exited with {self.exit_code}"
            raise NotReadyError(
                f"{self.name} [{self.pid}]: no {what}, {state}",
                hint=" | ".join([*self.statuses[-1:], *self.lines[-3:]]),
            )

    def wait_ready(self, timeout: float = 20.0) -> Child:
        """Waits for READY=1; raises NotReadyError as `wait` does."""
        return self.wait(lambda child: child.ready, "READY=1", timeout)

    def wait_line(self, text: str, timeout: float = 20.0) -> str:
        """Returns the first output line that contains `text`; raises as `wait` does."""
        self.wait(lambda child: any(text in line for line in child.lines), repr(text), timeout)
        return next(line for line in self.lines if text in line)

    def wait_exit(self, timeout: float = 20.0) -> int:
        """Waits for the end and returns the exit code, or minus the signal."""
        self.wait(lambda child: not child.alive, "exit", timeout)
        assert self.exit_code is not None
        return self.exit_code

    def handle_notification(self, fields: Fields) -> None:
        """Records the fields of a datagram."""
        with self._changed:
            self.notifications += fields
            super().handle_notification(fields)
            self._changed.notify_all()

    def handle_output(self, data: bytes) -> None:
        """Records whole lines of output."""
        with self._changed:
            super().handle_output(data)
            self._changed.notify_all()

    def reap(self) -> None:
        """Records the exit code."""
        with self._changed:
            super().reap()
            self._changed.notify_all()

    def on_line(self, text: str) -> None:
        """Records one line of output."""
        self.lines.append(text)
        super().on_line(text)


def name_of(unit: str) -> str:
    """Returns the name of a unit's process in tests: `agent` or `worker-2`."""
    return unit.removesuffix(".service").removeprefix("egg-").replace("@", "-")


def unit_of(name: str) -> str:
    """Returns the unit of a process named as in tests."""
    return f"egg-{name.replace('-', '@')}.service"
