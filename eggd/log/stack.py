"""Formats the stack of an exception. A frame is formatted and masked once, however often it is
logged: that costs some 40 us, and an error that recurs has the same frames.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from itertools import groupby
from types import CodeType, TracebackType

from eggd.masking.known import without_known

_MOST = 60
"""The most lines of a stack, half of them from each end; a recursion has a thousand frames."""
_REPEATS = 3
"""The most equal frames in sequence that are shown, as Python shows them."""
_KEPT = 2000
"""The most formatted frames in memory, about a megabyte."""
_CARETS = re.compile(r"\n[ \t]*[~^][ ~^]*$", re.MULTILINE)


class Frames:
    """Formats the frames of a stack, with its source lines masked by `mask`."""

    def __init__(self, mask: Callable[[str], str]) -> None:
        self._mask = mask
        # The text of a frame by code, instruction and line. The code is kept in the value: a freed
        # one could leave its id to another.
        self._texts: dict[tuple[int, int, int], tuple[CodeType, str]] = {}

    def lines(self, trace: TracebackType | None) -> Iterator[str]:
        """Yields the text of each frame, the outermost first; of a long stack both ends."""
        lines = list(_shortened(trace))
        for each in lines:
            yield each if isinstance(each, str) else self._frame(each)

    def masked(self, text: str) -> str:
        """Returns a frame with its source line, masked, without its last line break.

        The carets below a masked line would point at the wrong characters, so they are removed.
        """
        text = text.rstrip("\n")
        masked = self._mask(text)
        return masked if masked == text else _CARETS.sub("", masked)

    def _frame(self, trace: TracebackType) -> str:
        code = trace.tb_frame.f_code
        key = (id(code), trace.tb_lasti, trace.tb_lineno)
        known = self._texts.get(key)
        if known is None:
            if len(self._texts) >= _KEPT:
                self._texts.clear()
            text = "".join(traceback.format_tb(trace, limit=1))
            known = self._texts[key] = (code, self.masked(text))
        return without_known(known[1])  # of a credential that was read since


def _shortened(trace: TracebackType | None) -> list[TracebackType | str]:
    """Returns the frames of a stack, and lines instead of those that are left out."""
    lines = list(_collapsed(trace))
    half = _MOST // 2
    left_out = len(lines) - 2 * half
    if left_out <= 0:
        return lines
    return [*lines[:half], f"  [{left_out} more lines]", *lines[-half:]]


def _collapsed(trace: TracebackType | None) -> Iterator[TracebackType | str]:
    for _, same in groupby(_chain(trace), lambda each: (each.tb_frame.f_code, each.tb_lineno)):
        frames = list(same)
        yield from frames[:_REPEATS]
        if len(frames) > _REPEATS:
            yield f"  [Previous line repeated {len(frames) - _REPEATS} more times]"


def _chain(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next
