"""Compares the watched paths with the file system.

A directory is watched before its entries are listed: so an entry that comes meanwhile is either
listed, or causes an event.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from eggd.watching.chain import Chain, chain_of
from eggd.watching.change import FileChange, change_of
from eggd.watching.folder import Folder, Hold, Link, Spot, signature
from eggd.watching.mounts import Mounts
from eggd.watching.problems import Problems
from eggd.watching.table import WatchTable

MOST_ATTEMPTS = 5
"""Attempts to watch a path whose links change meanwhile; then the next event tries again."""


class Trees:
    """The snapshots of all watched paths, and the changes since they were taken."""

    def __init__(self, table: WatchTable | None, problems: Problems, most: int) -> None:
        """Prepares; without a table every root is partial. `most` entries are watched at most."""
        self._table = table
        self._problems = problems
        self._most = most
        self._mounts = Mounts()
        # Entries of all snapshots.
        self._count = 0
        self._roots: dict[str, Folder] = {}
        self._changes: dict[tuple[str, str], FileChange] = {}
        # Directories to list in this comparison.
        self._pending: list[Folder] = []
        # True while differences are not changes: the path is newly watched, or no longer.
        self._quiet = False

    @property
    def is_partial(self) -> bool:
        """Whether a root is not watched as a whole."""
        return any(root.partial or root.deaf for root in self._roots.values())

    def add(self, path: str) -> None:
        """Takes the snapshot of a path and watches it; does nothing if it is watched already."""
        if path in self._roots:
            return
        if path == "/":
            reason = "it is in no directory; watch the directories in it"
            self._problems.refused(path, OSError(errno.EINVAL, reason))
            return
        root = self._roots[path] = Folder(os.path.dirname(path), name=os.path.basename(path))
        with self._silence():
            self.check(root.spot)

    def remove(self, path: str) -> None:
        """Stops watching a path."""
        root = self._roots.pop(path, None)
        if root is not None:
            with self._silence():
                self._drop_entries(root)

    def check(self, spot: Spot, *, written: bool = False) -> None:
        """Compares one entry; `written`: it is modified even if its signature is the same.

        An exception is reported, once for the entry, and the comparison of all others goes on.
        """
        folder, name = spot
        if not folder.dropped:
            with self._contained(folder.join(name)):
                self._check(folder, name, written)
            self._list_pending()

    def compare_all(self, *, only_partial: bool = False) -> None:
        """Compares every root, or those that the kernel does not watch as a whole."""
        for root in list(self._roots.values()):
            if root.partial or root.deaf or not only_partial:
                root.partial = False
                self._pending += root.folders.values()
                self.check(root.spot)

    def take(self) -> list[FileChange]:
        """Returns the changes since the last call, in the order in which they were noticed."""
        changes, self._changes = self._changes, {}
        return list(changes.values())

    def _check(self, folder: Folder, name: str, written: bool) -> None:
        path = folder.join(name)
        if folder.parent is None or os.path.islink(path):
            self._follow((folder, name), path)
        else:
            self._unfollow(folder, name)
        directory = self._update(folder, name, self._status(folder, path), written)
        if directory is not None and directory.watch is None:
            self._pending.append(directory)

    @contextmanager
    def _silence(self) -> Iterator[None]:
        """Takes snapshots without changes."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    @contextmanager
    def _contained(self, path: str) -> Iterator[None]:
        """Reports an exception about a path, such as a name that the file system cannot have."""
        try:
            yield
        except Exception as exc:
            self._problems.failed_at(path, exc)

    def _list_pending(self) -> None:
        while self._pending:
            folder = self._pending.pop()
            if not folder.dropped:
                with self._contained(folder.path):
                    self._list(folder)
                self._pending += folder.folders.values()

    def _list(self, folder: Folder) -> None:
        """Watches a directory and compares its entries."""
        self._watch(folder)
        names = set()
        for entry in self._entries(folder):
            names.add(entry.name)
            try:
                self._compare(folder, entry)
            except Exception as exc:  # a context manager is too slow for each of 50,000 entries
                self._problems.failed_at(entry.path, exc)
        for name in [*folder.files, *folder.folders, *folder.links]:
            if name not in names:
                self._unfollow(folder, name)
                self._update(folder, name, None)

    def _compare(self, folder: Folder, entry: os.DirEntry[str]) -> None:
        if entry.is_symlink():
            self._follow((folder, entry.name), entry.path)
        self._update(folder, entry.name, self._status(folder, entry))

    def _entries(self, folder: Folder) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder.path) as entries:
                yield from list(entries)
        except FileNotFoundError:
            return
        except OSError as exc:
            self._problems.refused(folder.path, exc)

    def _update(
        self, folder: Folder, name: str, status: os.stat_result | None, written: bool = False
    ) -> Folder | None:
        """Compares an entry with its status; returns it if it is a directory."""
        if status is not None and stat.S_ISDIR(status.st_mode):
            self._update_file(folder, name, None, written)
            return self._update_folder(folder, name, status)
        if (former := folder.folders.get(name)) is not None:
            self._drop(former)
        self._update_file(folder, name, status, written)
        return None

    def _update_folder(self, parent: Folder, name: str, status: os.stat_result) -> Folder | None:
        identity = (status.st_dev, status.st_ino)
        known = parent.folders.get(name)
        if known is None:
            # A link to a directory that contains it would never end.
            if any(above.identity == identity for above in parent.above()) or not self._has_room():
                return None
            known = Folder(parent.join(name), parent, name)
            parent.folders[name] = known
            self._count += 1
            self._emit(change_of(known.path, "created", status))
            self._note_deaf(known, known.path, status)
        elif known.identity != identity:
            self._unwatch(known)
        known.identity = identity
        return known

    def _update_file(
        self, folder: Folder, name: str, status: os.stat_result | None, written: bool
    ) -> None:
        before = folder.files.get(name)
        if status is None:
            if before is not None:
                del folder.files[name]
                self._count -= 1
                self._emit(FileChange(folder.join(name), "deleted", False))
            return
        if before is None and not self._has_room():
            return
        now = folder.files[name] = signature(status)
        if before is None:
            self._count += 1
            self._emit(change_of(folder.join(name), "created", status))
            self._note_deaf(folder, folder.join(name), status)
        elif before != now or written:
            self._emit(change_of(folder.join(name), "modified", status))

    def _drop(self, folder: Folder) -> None:
        """Forgets a directory that was removed, and all below it."""
        if folder.parent is not None:
            del folder.parent.folders[folder.name]
        stack = [folder]
        while stack:
            each = stack.pop()
            stack += each.folders.values()
            self._drop_files(each)
            self._unwatch(each)
            each.dropped = True
            self._count -= 1
            self._emit(FileChange(each.path, "deleted", True))

    def _drop_files(self, folder: Folder) -> None:
        for name in list(folder.files):
            self._update_file(folder, name, None, False)
        for name in list(folder.links):
            self._unfollow(folder, name)

    def _drop_entries(self, root: Folder) -> None:
        for folder in list(root.folders.values()):
            self._drop(folder)
        self._drop_files(root)
        root.dropped = True

    def _emit(self, change: FileChange) -> None:
        if not self._quiet:
            key = change.path, change.event
            self._changes.pop(key, None)  # the last event of a path comes last
            self._changes[key] = change

    def _note_deaf(self, folder: Folder, path: str, status: os.stat_result) -> None:
        """Lets a root be polled that has files on a file system without events."""
        if name := self._mounts.deaf_type(status.st_dev):
            folder.root.deaf = True
            self._problems.deaf(path, name)

    def _has_room(self) -> bool:
        if self._count >= self._most:
            self._problems.too_many(self._most)
            return False
        return True

    def _watch(self, folder: Folder) -> None:
        if folder.watch is not None:
            return
        try:
            if self._table is None:
                folder.root.partial = True
            else:
                self._table.add_folder(folder)
        except OSError as exc:
            self._refused(folder.path, folder, exc)

    def _unwatch(self, folder: Folder) -> None:
        if self._table is not None:
            self._table.remove_folder(folder)

    def _follow(self, spot: Spot, path: str) -> None:
        """Watches the lookups of a path: of a root, or of a link in a directory."""
        folder, name = spot
        if self._table is None:
            folder.root.partial = True
            return
        for _ in range(MOST_ATTEMPTS):
            chain, former = chain_of(path), folder.links.get(name)
            if former is not None and former.chain == chain and former.is_alive:
                return
            link = folder.links[name] = Link(chain, self._hold(self._table, chain, spot))
            # The new lookups may use a watch of the former ones in the same way: it stays.
            self._release(former, keep=link.holds)

    def _unfollow(self, folder: Folder, name: str) -> None:
        self._release(folder.links.pop(name, None))

    def _hold(self, table: WatchTable, chain: Chain, spot: Spot) -> list[Hold]:
        last, holds = chain.lookups[-1], list[Hold]()
        for lookup in chain.lookups[:-1]:
            # A directory that cannot be read can be passed, and is rarely renamed.
            with suppress(FileNotFoundError, PermissionError):
                holds.append(table.hold_self(lookup.path, spot))
        try:
            holds.append(table.hold_name(last, spot, is_directory=chain.is_directory))
        except OSError as exc:
            self._refused(last.directory, spot[0], exc)
        return holds

    def _refused(self, path: str, folder: Folder, exc: OSError) -> None:
        if not isinstance(exc, FileNotFoundError | NotADirectoryError):
            folder.root.partial = True
            self._problems.refused(path, exc)

    def _release(self, link: Link | None, keep: Iterable[Hold] = ()) -> None:
        if self._table is not None and link is not None:
            for hold in {*link.holds}.difference(keep):
                self._table.release(hold)

    def _status(self, folder: Folder, entry: str | os.DirEntry[str]) -> os.stat_result | None:
        """Returns the status of the file to which an entry leads, None without one."""
        try:
            return os.stat(entry)
        except PermissionError as exc:
            self._problems.refused(folder.path, exc)
        except OSError:
            pass
        return None
