"""`agent.watcher`: which process gets which change.

worker -> agent    {"watch": [path, ...], "number": n}, {"unwatch": [path, ...]}
agent -> worker    {"ready": n} when no change of these paths is missed any more
agent -> worker    {"changes": [[path, event, is_directory, size, mtime], ...]}
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from eggd import Agent, FileChange, MessengerError, Sender
from eggd.plugins.watcher.path_table import PathTable
from eggd.plugins.watcher.source import EventSource
from eggd.plugins.watcher.watcher import Watcher

ACTION = "egg-watcher"
"""The action of the messages, in both directions."""
PER_MESSAGE = 1_000
"""Changes or paths in one message: about 100 KB."""
OWN = 0
"""Stands for the agent itself among the pids of workers."""


class Hub(Watcher):
    """Watches for the agent and for all workers; the same path is watched once (WAT-5)."""

    def __init__(self, agent: Agent, source: EventSource) -> None:
        super().__init__(agent)
        self.source = source
        """The event source of the config."""
        self._agent = agent
        self._pids: PathTable[int] = PathTable()
        self._paths: dict[int, set[str]] = {}
        """The paths of each process, by pid."""
        self._unreachable: set[int] = set()
        """The workers that changes were dropped for; logged once."""
        source.connect(self._changed)
        agent.messenger.on(ACTION, self._message)
        agent.messenger.on_members(lambda members: self._members_changed())

    async def ready(self) -> None:
        """Waits until no change of the paths that are watched now is missed."""
        await self.source.settled()

    async def close(self) -> None:
        """Ends the event source."""
        self._delivery.clear()
        await self.source.close()

    def _watch(self, paths: list[str]) -> None:
        self._add(OWN, paths)

    def _unwatch(self, paths: list[str]) -> None:
        self._remove(OWN, paths)

    def _add(self, pid: int, paths: Iterable[str]) -> None:
        own, most = self._paths.setdefault(pid, set()), self._agent.config.watcher.max_paths
        for path in paths:
            if len(own) < most or path in own:
                own.add(path)
                if self._pids.add(path, pid):
                    self._guarded(self.source.watch, path)

    def _remove(self, pid: int, paths: Iterable[str]) -> None:
        for path in paths:
            self._paths.get(pid, set()).discard(path)
            if path in self._pids.paths and self._pids.remove(path, pid):
                self._guarded(self.source.unwatch, path)

    def _guarded(self, method: Callable[[str], None], path: str) -> None:
        try:
            method(path)
        except Exception as exc:
            self.source.error(f"{path}: {exc!r}")

    def _changed(self, changes: Iterable[FileChange]) -> None:
        batches: dict[int, list[FileChange]] = {}
        for change in changes:
            for pid in self._pids.matching(change):
                batches.setdefault(pid, []).append(change)
        for pid, batch in batches.items():
            if pid == OWN:
                self._delivery.deliver(batch)
            else:
                for at in range(0, len(batch), PER_MESSAGE):
                    self._send(pid, {"changes": batch[at : at + PER_MESSAGE]})

    async def _message(self, data: object, sender: Sender) -> None:
        """Takes a message of a worker; a malformed one is ignored."""
        if not isinstance(data, dict) or sender.role != "worker":
            return
        self._remove(sender.pid, _paths(data.get("unwatch")))
        self._add(sender.pid, _paths(data.get("watch")))
        if "number" in data:
            await self.source.settled()
            self._send(sender.pid, {"ready": data["number"]})

    def _send(self, pid: int, data: object) -> None:
        try:
            if hasattr(self._agent, "application"):  # the same process
                self._agent.messenger.send_to_app(ACTION, data)
            else:
                self._agent.messenger.send_to(pid, ACTION, data)
        except MessengerError as exc:
            if pid not in self._unreachable:
                self._unreachable.add(pid)
                self.source.error(f"worker {pid} does not get all changes: {exc.line}")

    def _members_changed(self) -> None:
        """Forgets the paths of workers that have ended."""
        if hasattr(self._agent, "application"):
            return
        ended = {m.pid for m in self._agent.messenger.members if m.state in ("left", "failed")}
        for pid in [pid for pid in self._paths if pid in ended or not _is_alive(pid)]:
            self._remove(pid, list(self._paths[pid]))
            del self._paths[pid]
            self._unreachable.discard(pid)


def _paths(value: object) -> list[str]:
    paths = value if isinstance(value, list) else []
    return [path for path in paths if isinstance(path, str) and path.startswith("/")]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # ended; its number is another user's
    return True
