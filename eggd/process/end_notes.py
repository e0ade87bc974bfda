"""Notes why the former process of this worker's slot ended, and why this process ends."""

from __future__ import annotations

from eggd import endfile
from eggd.identityfile import reloading
from eggd.process.bootstrap import Process
from eggd.process.restarts import FIGURE
from eggd.suite.restart import CRASHED, RECYCLED, RELOAD, REQUESTED, Restart
from eggd.suite.slots import SPARE


class EndNotes:
    """Reads the former end when it is created, and writes this process's own when it stops."""

    def __init__(self, process: Process) -> None:
        self._rundir = process.rundir
        self._slot = process.slot
        # None at the first start.
        self._last = endfile.take(process.rundir, process.slot)

    @property
    def figure(self) -> dict[str, object]:
        """The figure of the announcements that says why this process was started again."""
        last = self._last
        return {FIGURE: {"kind": last.kind, "text": last.text}} if last else {}

    def write(self, *, uncaught: str, recycled: str) -> None:
        """Writes why this process stops: an uncaught exception, a recycling, or a request.

        Both are "" if they do not apply. The spare of a reload has no successor.
        """
        if self._slot == SPARE:
            return
        if uncaught:
            end = Restart(CRASHED, uncaught)
        elif recycled:
            end = Restart(RECYCLED, recycled)
        elif reloading(self._rundir):
            end = Restart(RELOAD, "reload")
        else:
            end = Restart(REQUESTED, "stopped on request")
        endfile.write(self._rundir, self._slot, end)
