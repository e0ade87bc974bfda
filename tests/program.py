"""Programs that tests start: their end has a limit, and a test that fails does not wait for it."""

from __future__ import annotations

import os
import select
import subprocess
from types import TracebackType
from typing import AnyStr

LONGEST = 60.0
"""Seconds for the end of a program that has been asked to end."""


class Program(subprocess.Popen[AnyStr]):
    """A process as subprocess.Popen has it, for a `with` block.

    `wait` and `communicate` without a limit have LONGEST: then the program is killed, and they
    raise TimeoutExpired, which names it. A block that fails kills it at once: Popen would wait for
    its end, for ever if only the rest of the block ends it.
    """

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end; returns the exit code, or minus the signal."""
        if timeout is None and self.returncode is None:
            self._await_end()
        return super().wait(timeout)

    def communicate(
        self, input: AnyStr | None = None, timeout: float | None = None
    ) -> tuple[AnyStr, AnyStr]:
        """Returns both outputs after the end, without those that are not pipes."""
        limit = LONGEST if timeout is None else timeout
        try:
            return super().communicate(input, limit)  # type: ignore[arg-type,return-value]
        except subprocess.TimeoutExpired:
            if timeout is None:
                self.kill()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the pipes and waits for the end."""
        if kind is not None:
            self.kill()
        super().__exit__(kind, value, trace)

    def _await_end(self) -> None:
        """Kills a program that does not end in LONGEST, and raises TimeoutExpired."""
        fd = os.pidfd_open(self.pid)
        try:
            ended = select.select([fd], [], [], LONGEST)[0]
        finally:
            os.close(fd)
        if not ended:
            self.kill()
            raise subprocess.TimeoutExpired(self.args, LONGEST)
