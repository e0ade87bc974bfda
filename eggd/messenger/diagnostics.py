"""The counters of a messenger, and a log that reports each problem once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

MOST_PEERS = 32
"""Most peers whose counters a process reports."""

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


@dataclass(slots=True)
class PeerCounts:
    """Counts of the messages to and from one other process, its predecessors included."""

    sent: int = 0
    """Messages to it that the kernel accepted."""

    received: int = 0
    """Messages from it."""

    dropped: int = 0
    """Messages to it that were discarded because it had ended."""

    rejected: int = 0
    """Sends that raised, because its outbox was full."""

    missed: int = 0
    """Messages that are missing in the numbering of its datagrams."""


class Diagnostics:
    """The counters, and the log."""

    def __init__(self, log: Log) -> None:
        self.stats = MessageCounts()
        # Datagrams by the reason for which they were refused.
        self.refused: dict[str, int] = {}
        # By the name of the process, such as "agent" or "worker-2".
        self.peers: dict[str, PeerCounts] = {}
        self.log = log
        # The kinds of problems that were logged and last.
        self._reported: set[str] = set()

    def peer(self, name: str) -> PeerCounts:
        """Returns the counters of another process."""
        return self.peers.setdefault(name, PeerCounts())

    def refuse(self, reason: str) -> None:
        """Counts a refused datagram."""
        self.stats.refused += 1
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def figures(self, waiting: Mapping[str, int]) -> dict[str, object]:
        """Returns all counters for the status; `waiting` has the messages in the outboxes.

        Counters of a peer that are 0 are left out, and so is a peer without any, or beyond the
        first MOST_PEERS: the status of a large suite must stay a small file.
        """
        peers = {}
        for name, counts in sorted(self.peers.items())[:MOST_PEERS]:
            figures = {**asdict(counts), "waiting": waiting.get(name, 0)}
            if any(figures.values()):
                peers[name] = {key: value for key, value in figures.items() if value}
        totals = {**asdict(self.stats), "waiting": sum(waiting.values())}
        return {**totals, "refused": dict(self.refused), "peers": peers}

    def report(self, kind: str, text: str, level: str = "warning") -> None:
        """Logs `text` unless this kind of problem was logged before and is not resolved."""
        if kind not in self._reported:
            self._reported.add(kind)
            self.log(level, f"messenger: {text}")

    def resolved(self, kind: str) -> None:
        """Notes the end of a problem: the next one of this kind is logged again."""
        self._reported.discard(kind)
