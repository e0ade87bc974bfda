"""Makes the report of an error; a part that cannot be made is named in it, with the reason."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import eggd
from eggd import Application, Context, HttpError, phrase
from eggd.plugins.onerror.recording import LONGEST
from eggd.plugins.onerror.report.chain import chain_of
from eggd.plugins.onerror.report.frames import Frames
from eggd.plugins.onerror.report.limits import in_time
from eggd.plugins.onerror.report.model import (
    ExceptionFacts,
    LogLine,
    Pair,
    Report,
    RequestFacts,
    RouteFacts,
)
from eggd.plugins.onerror.report.request import facts_of
from eggd.plugins.onerror.report.settings import settings_of
from eggd.plugins.onerror.report.steps import route_of
from eggd.plugins.onerror.report.values import Values, text_of, type_name
from eggd.plugins.onerror.section import OnerrorConfig

T = TypeVar("T")

_PATIENCE = 1.5
"""Seconds for a whole report, with the values of variables."""
_LEVELS = ((15, "CRITICAL"), (14, "ERROR"), (13, "WARN"), (11, "INFO"), (0, "DEBUG"))
_LATE = "variables: left out, as an object took too long"


class Collector:
    """Makes the reports of one app."""

    def __init__(self, app: Application, options: OnerrorConfig) -> None:
        self._app = app
        self._options = options
        self._roots = [Path(app.base_dir), *(Path(unit.root) for unit in app.units)]

    def report(self, ctx: Context, error: BaseException, answer: HttpError) -> Report:
        """Returns the report, without variables if one of them takes too long."""
        report = in_time(lambda: _Making(self, ctx, error, answer, Values()).report(), _PATIENCE)
        if report is not None:
            return report
        quick = _Making(self, ctx, error, answer, None)
        quick.missing.append(_LATE)
        return in_time(quick.report, _PATIENCE) or quick.bare()

    def frames(self, values: Values | None) -> Frames:
        """Returns what describes the frames of one report."""
        options = self._options
        return Frames(self._roots, values, options.editor, options.editor_paths)

    @property
    def app(self) -> Application:
        """The app."""
        return self._app


class _Making:
    """One report while it is made."""

    def __init__(
        self,
        collector: Collector,
        ctx: Context,
        error: BaseException,
        answer: HttpError,
        values: Values | None,
    ) -> None:
        self._app = collector.app
        self._ctx = ctx
        self._error = error
        self._answer = answer
        self._values = values or Values()
        self._frames = collector.frames(values)
        self.missing: list[str] = []

    def report(self) -> Report:
        """Returns the report."""
        ctx, error, frames, values = self._ctx, self._error, self._frames, self._values
        lines = getattr(ctx, "log_lines", None)
        return Report(
            self._answer.status,
            phrase(self._answer.status),
            self._part("exceptions", lambda: chain_of(error, frames, values), self._unknown()),
            self._part("request", lambda: facts_of(ctx, values), self._request()),
            self._part(
                "route", lambda: route_of(ctx, error, frames, values), RouteFacts("", "", "")
            ),
            self._part("config", lambda: settings_of(self._app, error, frames, values), []),
            self._part("log", self._logs, []),
            0 if lines is None else lines.dropped,
            self._process(),
            self.missing,
        )

    def bare(self) -> Report:
        """Returns the report of an error of which nothing can be described in time."""
        title = phrase(self._answer.status)
        route = RouteFacts("", "", "")
        return Report(
            self._answer.status,
            title,
            self._unknown(),
            self._request(),
            route,
            missing=self.missing,
        )

    def _part(self, name: str, make: Callable[[], T], instead: T) -> T:
        try:
            return make()
        except Exception as exc:
            self.missing.append(
                f"{name}: {type_name(exc)}: {text_of(self._values.plain(exc), 400)}"
            )
            return instead

    def _unknown(self) -> list[ExceptionFacts]:
        return [ExceptionFacts("", type_name(self._error), "")]

    def _request(self) -> RequestFacts:
        return RequestFacts(self._ctx.method, self._ctx.exchange.path.decode("latin-1"), "", "")

    def _logs(self) -> list[LogLine]:
        """Returns the lines without the bracket that all of them have in common."""
        lines = getattr(self._ctx, "log_lines", None)
        mark = f" {self._ctx.masked_url}] "
        logs = []
        for line in () if lines is None else lines.lines:
            _, bracket, rest = line.text.partition(mark)
            level = next(name for number, name in _LEVELS if line.level >= number)
            text = text_of(rest if bracket else line.text, LONGEST)
            logs.append(LogLine(level, f"{line.spent * 1000:.1f} ms", text))
        return logs

    def _process(self) -> list[Pair]:
        return [
            Pair("app", f"{self._app.name} ({self._app.base_dir})"),
            Pair("env", str(self._app.env)),
            Pair("eggd", eggd.__version__),
            Pair("Python", f"{platform.python_version()} ({sys.executable})"),
            Pair("process", str(os.getpid())),
        ]
