"""The entries of one log: of its renamed files, oldest first, then of the one that is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eggd.cli.logview.entry import Entry, Parser
from eggd.cli.logview.folder import LogFiles, LogPath
from eggd.cli.logview.opening import LONGEST, File, opened
from eggd.cli.logview.window import in_order

_MOST_LINES = 10_000
"""Lines of an entry; the rest are entries of their own."""

Offsets = dict[int, int]
"""The number of bytes read of each plain file, by inode."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A file to read, and its first byte."""

    file: LogPath
    start: int = 0


def entries(
    log: LogFiles, since: float, tail: int = 0, offsets: Offsets | None = None
) -> Iterator[Entry]:
    """Yields the entries of a log; files whose last line is before `since` are not opened.

    With a `tail` only that many bytes are read: of the end of the file that is written and, if it
    has fewer, of renamed files that are not compressed. With `offsets` a last line without a line
    break is left out, and the end of the last line of each plain file is noted there. Entries that
    are up to `window.SECONDS` late are put in order. Raises EggError for a file that cannot be
    read.
    """
    # Opened before the others are read: a rotation may rename it meanwhile.
    current = opened(log.current)
    parser, parts = Parser(log.name), _parts(log, since, tail)

    def in_file_order() -> Iterator[Entry]:
        for part in parts:
            is_current = part.file is log.current
            file = current if is_current else opened(part.file)
            if file is not None:
                with file:
                    yield from parsed(parser, _lines(file, part.start, offsets))

    try:
        yield from in_order(in_file_order())
    finally:
        if current is not None:
            current.close()


class EntryBuilder:
    """Makes entries of lines in their order.

    A line that begins no entry belongs to the one before, if a logger has written that.
    """

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        # The entry whose lines may not be complete, and its further lines.
        self._entry: Entry | None = None
        self._rest: list[str] = []

    def add(self, line: str) -> Entry | None:
        """Takes a line; returns the entry that it ends, if any."""
        new, entry = self._parser.begin(line), self._entry
        if new is None and entry is not None and entry.level and len(self._rest) < _MOST_LINES:
            self._rest.append(line)
            return None
        ended = self.end()
        self._entry = new or self._parser.stray(line)
        return ended

    def end(self) -> Entry | None:
        """Returns the last entry: no line follows it."""
        entry, rest = self._entry, self._rest
        self._entry, self._rest = None, []
        return entry and entry.extended(rest)


def parsed(parser: Parser, lines: Iterable[str]) -> Iterator[Entry]:
    """Yields the entries of lines in their order."""
    builder = EntryBuilder(parser)
    for line in lines:
        if (entry := builder.add(line)) is not None:
            yield entry
    if (entry := builder.end()) is not None:
        yield entry


def _parts(log: LogFiles, since: float, tail: int) -> list[_Part]:
    files = [*log.renamed, log.current]
    if tail:
        return _last(files, tail)
    return [_Part(file) for file in files if file.modified() >= since]


def _last(files: list[LogPath], tail: int) -> list[_Part]:
    """Returns the last plain files that have `tail` bytes together, and where to begin."""
    chosen: list[_Part] = []
    for file in reversed(files):
        if tail <= 0:
            break
        if not file.is_packed:
            size = file.size()
            chosen.append(_Part(file, max(0, size - tail)))
            tail -= size
    return chosen[::-1]


def _lines(file: File, start: int, offsets: Offsets | None) -> Iterator[str]:
    """Yields the lines of a file without line breaks, from the first that begins after `start`."""
    position = file.skip_to(start)
    while line := file.readline():
        if offsets is not None:
            if not line.endswith(b"\n") and len(line) < LONGEST:
                return  # a follower reads it when it is complete
            position += len(line)
            offsets[file.inode] = position
        yield line.decode(errors="backslashreplace").removesuffix("\n")
