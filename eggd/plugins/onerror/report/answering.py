"""Sets the answer to an error for a developer: page, text, JSON or JSONP."""

from __future__ import annotations

from collections.abc import Callable

from eggd import Application, Context, HttpError
from eggd.plugins.onerror import plain
from eggd.plugins.onerror.fields import SNIFF, fix
from eggd.plugins.onerror.kinds import Kind
from eggd.plugins.onerror.report import data, text
from eggd.plugins.onerror.report.collecting import Collector
from eggd.plugins.onerror.report.model import Report
from eggd.plugins.onerror.report.page import Page
from eggd.plugins.onerror.section import OnerrorConfig

Answer = Callable[[Context, BaseException, HttpError, Kind], None]


def teller(app: Application, options: OnerrorConfig) -> Answer:
    """Returns the function that answers for developers, as env local and unittest have it."""
    collector = Collector(app, options)
    page = Page.load() if app.env == "local" else None

    def answer(ctx: Context, error: BaseException, answer: HttpError, kind: Kind) -> None:
        report = collector.report(ctx, error, answer)
        ctx.set("Cache-Control", "no-store")
        if kind in ("json", "js"):
            body = _details(answer, report, is_local=page is not None)
            if kind == "json":
                ctx.body = body
            else:
                plain.set_script(ctx, body)
        elif kind == "html" and page is not None:
            page.answer(ctx, report)
        else:
            fix(ctx, SNIFF)
            ctx.type = "text"
            ctx.body = text.render(report) if page is not None else _brief(report)

    return answer


def _brief(report: Report) -> str:
    """Returns name, message and stack, which env unittest shows in place of a page (ERR-8)."""
    return f"{text.traceback_of(report)}\n"


def _details(answer: HttpError, report: Report, *, is_local: bool) -> dict[str, object]:
    """Returns code, message and errors, and of a server error what is known of it (ERR-7)."""
    body: dict[str, object] = {"code": answer.code} if answer.code else {}
    first = report.chain[0]
    body["message"] = first.message or report.title
    if answer.errors is not None:
        body["errors"] = answer.errors
    if answer.status >= 500:
        body |= {"name": first.name, "status": answer.status, "stack": text.traceback_of(report)}
        for pair in first.attributes:
            body.setdefault(pair.name, pair.value)
    if is_local:
        body["report"] = data.render(report)
    return body
