"""The functions of the route's chain: those that wait, the one that failed, those not reached."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from eggd import Context
from eggd.plugins.onerror.report.frames import Frames
from eggd.plugins.onerror.report.model import RouteFacts, State, Step
from eggd.plugins.onerror.report.values import Values, text_of


class _Link(Protocol):
    """A function of a chain, as `Router.links` returns it."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...


_Call = tuple[str, str, int]
"""File, qualified name and first line of a function that a frame runs."""


def route_of(ctx: Context, error: BaseException, frames: Frames, values: Values) -> RouteFacts:
    """Returns the matched route with the steps of its chain."""
    route = ctx.route
    links = ctx.app.router.links(route)
    steps = _steps(links, _calls(error.__traceback__), frames)
    if route is None:
        return RouteFacts("", "", "", (), steps)
    path = text_of(route.pattern.path, 400)
    params = values.pairs(ctx.params.items())
    return RouteFacts(path, text_of(route.name, 200), ", ".join(route.methods), params, steps)


def _calls(traceback: TracebackType | None) -> list[_Call]:
    """Returns the functions of the frames, the outermost first."""
    calls = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        calls.append((code.co_filename, code.co_qualname, code.co_firstlineno))
        traceback = traceback.tb_next
    return calls


def _steps(links: Sequence[_Link], calls: Sequence[_Call], frames: Frames) -> list[Step]:
    """Returns the steps with their states: the frames are those that wait, in the same order."""
    waiting: list[int] = []
    at = 0
    for number, each in enumerate(links):
        place = next((n for n in range(at, len(calls)) if _runs(each, calls[n])), None)
        if place is not None:
            waiting.append(number)
            at = place + 1
    failed = waiting[-1] if waiting else -1
    return [
        _step(each, _state(number, failed, waiting), frames) for number, each in enumerate(links)
    ]


def _state(number: int, failed: int, waiting: Sequence[int]) -> State:
    if number == failed:
        return "failed"
    if number > failed:
        return "skipped"
    return "pending" if number in waiting else "ran"


def _runs(link: _Link, call: _Call) -> bool:
    file, name, line = call
    return link.file == file and link.name == name and link.line in (0, line)


def _step(link: _Link, state: State, frames: Frames) -> Step:
    _, _, place = frames.place(link.file)
    where = f"{place}:{link.line}" if link.line else place
    name = link.name.replace(".<locals>", "").removesuffix(".middleware") or link.name
    url = frames.link(link.file, link.line or 1)
    return Step(link.kind, text_of(name, 200), where, url, state)
