"""The report as JSON, for clients of an API."""

from __future__ import annotations

from collections.abc import Sequence

from eggd.plugins.onerror.report.model import ExceptionFacts, Frame, Pair, Report


def render(report: Report) -> dict[str, object]:
    """Returns exceptions, request, route, config and log lines as JSON values."""
    request, route = report.request, report.route
    return {
        "exceptions": [_raised(raised) for raised in report.chain],
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": _mapping(request.headers),
            "curl": request.curl,
        },
        "route": {
            "path": route.path,
            "name": route.name,
            "params": _mapping(route.params),
            "steps": [
                {"name": step.name, "place": step.place, "state": step.state}
                for step in route.steps
            ],
        },
        "config": [
            {"key": pair.name, "value": pair.value, "origin": pair.note} for pair in report.config
        ],
        "log": [f"{line.spent} {line.level} {line.text}" for line in report.logs],
        "not_available": list(report.missing),
    }


def _raised(raised: ExceptionFacts) -> dict[str, object]:
    return {
        "relation": raised.relation,
        "name": raised.name,
        "message": raised.message,
        "notes": list(raised.notes),
        "frames": [_frame(frame) for frame in reversed(raised.frames)],
    }


def _frame(frame: Frame) -> dict[str, object]:
    place = {"file": frame.file, "line": frame.line, "function": frame.function}
    facts: dict[str, object] = {**place, "owner": frame.owner, "code": frame.current}
    if frame.owner == "app":
        facts["variables"] = _mapping(frame.variables)
    return facts


def _mapping(pairs: Sequence[Pair]) -> dict[str, str]:
    return {pair.name: pair.value for pair in pairs}
