"""Finds in a unit's journal why it did not come up: takes entries, returns the story of one start.

A failed start is repeated, and a restart begins with the end of the previous process, so the
entries of several invocations are mixed. The requested start is the first one that systemd
announced. Its last error is the reason: closing hooks may log errors, too, but they run before the
reason is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eggd.ending import CAUSES, how_of_unit

FIELDS = (
    *("MESSAGE", "MESSAGE_ID", "PRIORITY", "_PID", "_SYSTEMD_INVOCATION_ID", "INVOCATION_ID"),
    *("EXIT_CODE", "EXIT_STATUS", "UNIT_RESULT", "ERRNO"),
)
"""The fields of an entry that this module reads (systemd.journal-fields(7))."""

STARTING = "7d4958e842da4a758f6c1cdc7b36dcc5"
"""MESSAGE_ID of `Starting ...`: systemd begins to start a unit."""

_ERROR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the journal of a unit."""

    message: str
    error: bool
    """Whether the unit's own process logged it with priority `err` or above."""
    invocation: str
    starting: bool
    code: int | None = None
    """The exit code, or minus the signal, if the entry reports the end of the main process."""
    result: str = ""
    errno: int = 0
    """The error that systemd reports in this entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The story of one start, from the journal."""

    error: str = ""
    """The last error of its process, as one line."""
    code: int | None = None
    """The exit code of its main process, or minus the signal; None while it runs."""
    cause: str = ""
    """Why systemd or the kernel ended it, else ""."""

    @property
    def end(self) -> str:
        """The end of its main process, as text; "" while it runs."""
        return "" if self.code is None else how_of_unit(self.code, self.cause)


def entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Yields the entries that `journalctl --output=json` printed; skips other lines."""
    for line in lines:
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        if isinstance(fields, dict):
            yield _entry({key: _text(value) for key, value in fields.items()})


def story(journal: Sequence[Entry]) -> Story:
    """Returns the story of the first announced start, else of the last invocation."""
    begun = [each.invocation for each in journal if each.starting]
    other = [each.invocation for each in journal if each.invocation]
    chosen = begun[0] if begun else other[-1] if other else ""
    selected = [each for each in journal if each.invocation == chosen or not other]
    results = [each.result for each in selected if each.result]
    return Story(
        error=next((_headline(each.message) for each in reversed(selected) if each.error), ""),
        code=next((each.code for each in selected if each.code is not None), None),
        cause=CAUSES.get(results[0], "") if results else "",
    )


def _headline(message: str) -> str:
    """Returns a message as one line; of an exception with its traceback only its text."""
    says, traceback, _ = message.partition("\nTraceback (most recent call last):")
    return " ".join(says.split() if traceback else message.split())


def _entry(fields: dict[str, str]) -> Entry:
    manager = fields.get("_PID") == "1"
    priority = fields.get("PRIORITY", "6")
    errno = fields.get("ERRNO", "")
    field = "INVOCATION_ID" if manager else "_SYSTEMD_INVOCATION_ID"
    return Entry(
        message=fields.get("MESSAGE", ""),
        error=not manager and priority.isdecimal() and int(priority) <= _ERROR,
        invocation=fields.get(field, ""),
        starting=manager and fields.get("MESSAGE_ID") == STARTING,
        code=_code(fields),
        result=fields.get("UNIT_RESULT", "") if manager else "",
        errno=int(errno) if manager and errno.isdecimal() else 0,
    )


def _code(fields: dict[str, str]) -> int | None:
    status = fields.get("EXIT_STATUS", "")
    if fields.get("_PID") != "1" or not status.isdecimal():
        return None
    return int(status) if fields.get("EXIT_CODE") == "exited" else -int(status)


def _text(value: object) -> str:
    """Returns a field's value as text: journalctl shows bytes as a list, an over-long value as
    null."""
    if isinstance(value, list) and all(isinstance(each, int) for each in value):
        return bytes(each & 0xFF for each in value).decode(errors="replace")
    return value if isinstance(value, str) else ""
