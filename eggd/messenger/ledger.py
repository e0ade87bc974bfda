"""What the channel counted, and what it has said already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Log = Callable[[str, str], None]
"""`log(level, text)`: where one line of the messenger goes."""


@dataclass(slots=True)
class Stats:
    """Counts of messages since the start; `refused` counts datagrams."""

    sent: int = 0
    """Messages handed to the kernel, or to ourselves."""

    received: int = 0
    """Messages that came in and were for us."""

    dropped: int = 0
    """Messages given up, because nobody is there to take them."""

    refused: int = 0
    """Datagrams not heard: a foreign sender, garbage, a truncated or unsealed one."""

    rejected: int = 0
    """Sends that raised, because the outbox was full."""

    missed: int = 0
    """Messages that a peer's numbering says it sent to this process and that never came."""


class Ledger:
    """The counters, and a log that says the same thing only once."""

    def __init__(self, log: Log) -> None:
        self.stats = Stats()
        self.log = log
        self._said: set[str] = set()

    def once(self, kind: str, text: str, level: str = "warning") -> None:
        """Logs `text` unless something of this kind was logged since the last `forget`."""
        if kind not in self._said:
            self._said.add(kind)
            self.log(level, f"messenger: {text}")

    def forget(self, kind: str) -> None:
        """Lets the next line of this kind be logged again: the trouble is over."""
        self._said.discard(kind)
