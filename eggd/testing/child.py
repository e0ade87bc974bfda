"""One process of a suite as a test sees it: all that it said, and waits for what it is to say."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from eggd.errors import BootError
from eggd.supervisor import child
from eggd.supervisor.child import Launch
from eggd.wire.notify import Fields


class Child(child.Child):
    """A started process: what it told its service manager, what it wrote, how it ended.

    `told` are the fields of sd_notify(3), `lines` both outputs, each in order.
    """

    def __init__(self, name: str, launch: Launch, changed: Condition) -> None:
        self.told: list[tuple[str, str]] = []
        self.lines: list[str] = []
        self._changed = changed
        super().__init__(name, launch)

    @property
    def pings(self) -> int:
        """How many WATCHDOG=1 came."""
        return self.told.count(("WATCHDOG", "1"))

    @property
    def statuses(self) -> list[str]:
        """All STATUS= texts, oldest first."""
        return [value for key, value in self.told if key == "STATUS"]

    def wait(self, happened: Callable[[Child], bool], what: str, timeout: float = 20.0) -> Child:
        """Waits until `happened(self)`; BootError saying `what` if it ends or time is up first."""
        with self._changed:
            self._changed.wait_for(lambda: happened(self) or not self.alive, timeout)
            if happened(self):
                return self
            raise BootError(
                f"{self.name} [{self.pid}]: no {what}, {self._state(timeout)}",
                hint=" | ".join([*self.statuses[-1:], *self.lines[-3:]]),
            )

    def wait_ready(self, timeout: float = 20.0) -> Child:
        """Waits for READY=1; BootError if the process ends or `timeout` seconds pass before."""
        return self.wait(lambda child: child.ready, "READY=1", timeout)

    def wait_line(self, text: str, timeout: float = 20.0) -> str:
        """Returns the first output line that contains `text`, once there is one."""
        self.wait(lambda child: any(text in line for line in child.lines), repr(text), timeout)
        return next(line for line in self.lines if text in line)

    def wait_exit(self, timeout: float = 20.0) -> int:
        """Returns the exit code (minus the signal if one ended it) once the process is gone."""
        self.wait(lambda child: not child.alive, "exit", timeout)
        assert self.exit_code is not None
        return self.exit_code

    def received(self, fields: Fields) -> None:
        """Keeps every field of a datagram, in order, and wake who waits."""
        with self._changed:
            self.told += fields
            super().received(fields)
            self._changed.notify_all()

    def wrote(self, data: bytes) -> None:
        """Keeps every line, and wake who waits."""
        with self._changed:
            super().wrote(data)
            self._changed.notify_all()

    def ended(self) -> None:
        """Keeps the exit code, and wake who waits."""
        with self._changed:
            super().ended()
            self._changed.notify_all()

    def printed(self, text: str) -> None:
        """Keeps a line of output."""
        self.lines.append(text)

    def _state(self, timeout: float) -> str:
        if self.alive:
            return f"alive after {timeout:g} s"
        return f"exited with {self.exit_code}"
