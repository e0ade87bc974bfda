"""The frames of a traceback, with their owner, source and local variables."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import CodeType, TracebackType

import eggd
from eggd.plugins.onerror.links import link
from eggd.plugins.onerror.report.coloring import Color, colors_of
from eggd.plugins.onerror.report.model import Frame, Owner, Pair
from eggd.plugins.onerror.report.source import NO_COLORS, around, lines_of
from eggd.plugins.onerror.report.values import Values

MOST = 60
"""Frames of one exception: the first third and the last two thirds of a deep recursion."""
_SITES = ("/site-packages/", "/dist-packages/")
_PYTHON = f"{os.path.dirname(os.__file__)}/"
_EGGD = f"{os.path.dirname(os.path.abspath(eggd.__file__))}/"
_VARIABLES = 40


class Frames:
    """Describes the frames of one report."""

    def __init__(
        self, roots: Sequence[Path], values: Values | None, editor: str, paths: Mapping[str, str]
    ) -> None:
        """`roots` are the folders of the app and its plugins; without `values` no variables."""
        self._roots = [f"{root}/" for root in roots]
        self._values = values
        self._editor = editor
        self._paths = paths
        # By file: a deep recursion has many frames in one.
        self._colors: dict[str, Mapping[int, Sequence[Color]]] = {}

    def of(self, traceback: TracebackType | None) -> tuple[list[Frame], int]:
        """Returns the frames, the most recent call last, and the number of those left out."""
        steps: list[TracebackType] = []
        while traceback is not None:
            steps.append(traceback)
            traceback = traceback.tb_next
        omitted = max(0, len(steps) - MOST)
        if omitted:
            steps = steps[: MOST // 3] + steps[omitted + MOST // 3 :]
        return [self._frame(step) for step in steps], omitted

    def place(self, file: str) -> tuple[Owner, str, str]:
        """Returns the owner of a file, its package, and its path within that."""
        if file.startswith(_EGGD):
            return "eggd", "eggd", f"eggd/{file[len(_EGGD) :]}"
        for site in _SITES:
            _, mark, below = file.partition(site)
            if mark:
                return "package", below.partition("/")[0].removesuffix(".py"), below
        if file.startswith(_PYTHON):
            below = file[len(_PYTHON) :]
            return "python", below.partition("/")[0].removesuffix(".py"), below
        if not os.path.isabs(file):
            return "python", file.strip("<>"), file
        root = next((root for root in self._roots if file.startswith(root)), "")
        return "app", "", file[len(root) :]

    def is_own(self, file: str) -> bool:
        """Returns whether a file is in a folder of the app or of a plugin of its own."""
        return file.startswith(tuple(self._roots)) and self.place(file)[0] == "app"

    def link(self, file: str, line: int) -> str:
        """Returns the URL that opens a line in the editor, "" without one."""
        return link(self._editor, self._paths, file, line)

    def placed(self, file: str, line: int, function: str) -> Frame:
        """Returns the frame of a place without a call, such as that of a syntax error."""
        owner, package, place = self.place(file)
        source = around(file, line, 7, 5, colors=self._colors_of(file))
        return Frame(owner, package, file, place, line, function, self.link(file, line), source)

    def _frame(self, step: TracebackType) -> Frame:
        code, line = step.tb_frame.f_code, step.tb_lineno or 0
        file = code.co_filename
        owner, package, place = self.place(file)
        is_own = owner == "app"
        span = _span(code, step.tb_lasti, line)
        before, after = (7, 5) if is_own else (3, 3)
        colors = self._colors_of(file) if is_own else NO_COLORS
        source = around(file, line, before, after, span=span, colors=colors)
        is_template = is_own and not file.endswith(".py")
        variables: list[Pair] = []
        if owner in ("app", "package"):
            variables = self._variables(step, is_template=is_template)
        # Jinja2 names the function of a template "top-level template code", "block 'main'".
        function = code.co_name if is_template else code.co_qualname.replace(".<locals>", "")
        url = self.link(file, line)
        return Frame(owner, package, file, place, line, function, url, source, variables)

    def _colors_of(self, file: str) -> Mapping[int, Sequence[Color]]:
        colors = self._colors.get(file)
        if colors is None:
            colors = self._colors[file] = colors_of(file, lines_of(file))
        return colors

    def _variables(self, step: TracebackType, *, is_template: bool) -> list[Pair]:
        """Returns the variables; those of a template without the functions of its engine."""
        if self._values is None:
            return []
        variables = step.tb_frame.f_locals
        names = [name for name in variables if not (name.startswith("__") or name == "_")]
        if is_template:
            names = [name for name in names if not callable(variables[name])]
        pairs = ((name, variables[name]) for name in names)
        return self._values.pairs(pairs, _VARIABLES)


def _span(code: CodeType, at: int, line: int) -> tuple[int, int] | None:
    """Returns the columns, in bytes, of the expression that runs, if it is within one line."""
    position = next(itertools.islice(code.co_positions(), at // 2, None), None)
    if position is None:
        return None
    first, last, start, end = position
    if first != line or last != line or start is None or end is None:
        return None
    return start, end
