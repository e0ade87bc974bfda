"""The counters of a messenger, and a log that reports each problem once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Log = Callable[[str, str], None]
"""`log(level, text)` writes one line of the messenger."""


@dataclass(slots=True)
class MessageCounts:
    """Counts of messages since the start of the process; `refused` counts datagrams."""

    sent: int = 0
    """Messages passed to the kernel, or to this process itself."""

    received: int = 0
    """Messages that arrived for this process."""

    dropped: int = 0
    """Messages discarded because their receiver has ended."""

    refused: int = 0
    """Datagrams of a foreign user, malformed, truncated or with an unsealed body."""

    rejected: int = 0
    """Sends that raised, because the outbox was full."""

    missed: int = 0
    """Messages that are missing in the numbering of a peer's datagrams."""


class Diagnostics:
    """The counters, and the log."""

    def __init__(self, log: Log) -> None:
        self.stats = MessageCounts()
        self.log = log
        # The kinds of problems that were logged and last.
        self._reported: set[str] = set()

    def report(self, kind: str, text: str, level: str = "warning") -> None:
        """Logs `text` unless this kind of problem was logged before and is not resolved."""
        if kind not in self._reported:
            self._reported.add(kind)
            self.log(level, f"messenger: {text}")

    def resolved(self, kind: str) -> None:
        """Notes the end of a problem: the next one of this kind is logged again."""
        self._reported.discard(kind)
