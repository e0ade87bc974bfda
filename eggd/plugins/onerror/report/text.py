"""The report as text, for curl and terminals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eggd.plugins.onerror.report.model import ExceptionFacts, Frame, Pair, Report

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
MARKS = {"failed": "✗", "pending": "│", "ran": "·", "skipped": " "}
"""The sign of each state of a step."""
STATES = {
    "failed": "failed here",
    "pending": "waits for the next",
    "ran": "ran before",
    "skipped": "not reached",
}
"""The sentence of each state."""


def render(report: Report) -> str:
    """Returns the report; control characters, which could drive a terminal, are escaped."""
    lines = "\n".join(_lines(report))
    return f"{_visible(lines)}\n"


def traceback_of(report: Report) -> str:
    """Returns the exceptions as Python prints them, each with its stack below its message."""
    lines = "\n".join(line for raised in report.chain for line in _traceback(raised))
    return _visible(lines)


def _visible(text: str) -> str:
    """Returns text in which control characters and half surrogates are escaped."""
    visible = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    return visible.encode("utf-8", "backslashreplace").decode()


def _traceback(raised: ExceptionFacts) -> Iterator[str]:
    if raised.relation:
        yield ""
        yield f"{raised.relation}:"
    yield f"{raised.name}: {raised.message}" if raised.message else raised.name
    yield from raised.notes
    if raised.frames:
        yield "Traceback (most recent call last):"
    for frame in raised.frames:
        yield f'  File "{frame.file}", line {frame.line}, in {frame.function}'
        if frame.current:
            yield f"    {frame.current}"


def _lines(report: Report) -> Iterator[str]:
    request = report.request
    yield f"{report.status} {report.title}  {request.method} {request.url}"
    for raised in report.chain:
        yield ""
        yield from _raised(raised)
    yield from _section("Route", _route(report))
    yield from _section("Config that these functions read", _pairs(report.config))
    yield from _section("Log of this request", _logs(report))
    yield from _section("Header fields", _pairs(request.headers))
    yield from _section("Query", _pairs(request.query))
    yield from _section("Cookies", _pairs(request.cookies))
    yield from _section("Body", _pairs(request.body))
    yield from _section("Again", [f"  {line}" for line in request.curl.split("\n")])
    yield from _section("Process", _pairs(report.process))
    yield from _section("Not available", [f"  {line}" for line in report.missing])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if any(line.strip() for line in lines):
        yield ""
        yield title
        yield from lines


def _raised(raised: ExceptionFacts) -> Iterator[str]:
    if raised.relation:
        yield f"{raised.relation}:"
    yield f"{raised.name}: {raised.message}" if raised.message else raised.name
    for note in raised.notes:
        yield f"  {note}"
    yield from _pairs(raised.attributes)
    if raised.frames:
        yield "  Most recent call first:"
    for frame in reversed(raised.frames):
        yield from _frame(frame, is_open=frame is raised.blamed)
    if raised.omitted:
        yield f"    … {raised.omitted} frames of the recursion"


def _frame(frame: Frame, *, is_open: bool) -> Iterator[str]:
    mark = ">" if frame.owner == "app" else " "
    yield f"  {mark} {frame.place}:{frame.line} in {frame.function}"
    if not is_open:
        if frame.current:
            yield f"        {frame.current}"
        return
    for line in frame.source:
        sign = ">" if line.is_current else " "
        yield f"      {sign} {line.number:4} | {line.text}".rstrip()
    for pair in frame.variables:
        yield f"        {pair.name} = {pair.value}"


def _route(report: Report) -> list[str]:
    route = report.route
    title = f"  {route.methods} {route.path}  {route.name}".rstrip()
    lines = [title if route.path else "  no route matches"]
    for step in route.steps:
        state = STATES[step.state]
        lines.append(f"  {MARKS[step.state]} {step.name}  {step.place}  ({state})")
    return [*lines, *_pairs(route.params)]


def _pairs(pairs: Sequence[Pair]) -> list[str]:
    return [
        f"  {pair.name}: {pair.value}" + (f"  [{pair.note}]" if pair.note else "") for pair in pairs
    ]


def _logs(report: Report) -> list[str]:
    dropped = [f"  … {report.logs_dropped} lines dropped"] if report.logs_dropped else []
    return [*(f"  {line.spent:>10} {line.level} {line.text}" for line in report.logs), *dropped]
