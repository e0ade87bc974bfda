"""The names of renamed log files: F.2026-11-29, F.2026-11-29-13, F.1, compressed or not."""

from __future__ import annotations

import re
from dataclasses import dataclass

PACKED = (".gz", ".zst")
"""The ends of the names of files that the agent has compressed."""
PART = ".part"
"""The end of the name of a file that is being compressed."""
_NAME = re.compile(
    r"(?P<log>[^/]+?)"
    r"\.(?:(?P<date>\d{4}-\d{2}-\d{2})(?P<rest>[^./]*)|(?P<number>[1-9]\d{0,6}))"
    # An administrator compresses with other programs, too.
    r"(?P<packed>\.(?:gz|bz2|xz|zst))?(?P<part>\.part)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class RotatedName:
    """The parts of the name of a file that was a log file once."""

    log: str
    """The name that it had then: `shop-web.log`."""
    date: str
    """`2026-11-29`; "" for a file with a number."""
    rest: str
    """The text behind the date, such as `-13` for an hour."""
    number: int
    """1 for the newest of the files that are renamed by size; 0 for a file with a date."""
    packed: str
    """The end of a compressed file, such as `.gz`; "" for a plain one."""
    is_part: bool
    """Whether a compression was interrupted; the plain file is still there then."""

    @property
    def age(self) -> tuple[bool, int, str]:
        """Returns a key that orders the renamed files of a log: the oldest first.

        A file of a part of a day has earlier lines than the one that was renamed after the day.
        """
        return bool(self.date), -self.number, f"{self.date}{self.rest}~"


def parse_name(name: str) -> RotatedName | None:
    """Returns the parts of a file name; None for a file that was not renamed by a rotation."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    return RotatedName(
        log=match["log"],
        date=match["date"] or "",
        rest=match["rest"] or "",
        number=int(match["number"] or 0),
        packed=match["packed"] or "",
        is_part=match["part"] is not None,
    )
