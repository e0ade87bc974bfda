"""The report as a page: one document without scripts and without other resources.

Its own Content-Security-Policy allows its style sheet alone, so that text of the error that a
mistake left unescaped could still load and run nothing.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from eggd import Context
from eggd.plugins.onerror.fields import SNIFF, fix
from eggd.plugins.onerror.report import parts
from eggd.plugins.onerror.report.model import Pair, Report, RequestFacts
from eggd.plugins.onerror.report.parts import escape
from eggd.plugins.onerror.report.text import traceback_of

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Page:
    """The parts of the page that are the same for every error."""

    style: str

    @classmethod
    def load(cls) -> Page:
        """Reads the style sheet; once, at the start."""
        return cls((_HERE / "page.css").read_text(encoding="utf-8"))

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: this style sheet, and nothing else."""
        digest = b64encode(hashlib.sha256(self.style.encode()).digest()).decode()
        return (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none';"
            " frame-ancestors 'none'"
        )

    def answer(self, ctx: Context, report: Report) -> None:
        """Sets the page and its policy, which replaces that of the app."""
        ctx.type = "html"
        ctx.body = self.render(report)
        fields = {
            **SNIFF,
            "Content-Security-Policy": self.policy,
            "Content-Security-Policy-Report-Only": None,
            "Referrer-Policy": "no-referrer",
        }
        # At the end: `ctx.security_options` of a handler may have a policy, too.
        ctx.before_send(lambda: fix(ctx, fields))

    def render(self, report: Report) -> str:
        """Returns the document."""
        first = report.chain[0]
        title = escape(f"{first.name}: {first.message}"[:200])
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{title}</title><style>{self.style}</style></head><body>"
            f'{_head(report)}<div class="columns"><main>{_missing(report)}'
            f"{parts.exceptions(report.chain)}{_copies(report)}</main>{_aside(report)}</div>"
            "</body></html>\n"
        )


def _head(report: Report) -> str:
    first, request = report.chain[0], report.request
    frame = first.blamed
    place = ""
    if frame is not None:
        place = (
            f'<p class="blame"><code>{escape(frame.place)}:{frame.line}</code> in '
            f"<code>{escape(frame.function)}</code>{parts.editor_link(frame.link)}</p>"
        )
    return (
        '<header class="top"><p class="request">'
        f'<span class="status">{report.status}</span>'
        f"<b>{escape(request.method)}</b> <code>{escape(request.url)}</code></p>"
        f"<h1>{escape(first.name)}</h1>{parts.message(first)}{place}"
        f"{parts.overview(report.chain)}</header>"
    )


def _missing(report: Report) -> str:
    return "".join(f'<p class="note">Not shown: {escape(line)}</p>' for line in report.missing)


def _copies(report: Report) -> str:
    return (
        '<section class="copies"><h2>Copy</h2>'
        f"{_copy('As curl', report.request.curl)}{_copy('As text', traceback_of(report))}"
        "</section>"
    )


def _copy(title: str, text: str) -> str:
    if not text:
        return ""
    return (
        f'<details><summary>{title} <span class="soft">one click selects all</span></summary>'
        f'<pre class="copy" tabindex="0">{escape(text)}</pre></details>'
    )


def _aside(report: Report) -> str:
    request = report.request
    config = parts.table(report.config) or (
        '<p class="none">The functions of the app on this stack read no key of the config.</p>'
    )
    return (
        "<aside>"
        f"<section><h2>Route</h2>{parts.route(report.route)}</section>"
        f"<section><h2>Log of this request</h2>{parts.logs(report.logs, report.logs_dropped)}"
        "</section>"
        f"<section><h2>Request</h2>{_request(request)}</section>"
        f'<section class="config"><h2>Config read here</h2>{config}</section>'
        f"<section><h2>Process</h2>{parts.table(report.process)}</section>"
        "</aside>"
    )


def _request(request: RequestFacts) -> str:
    groups = (
        ("Query", request.query),
        ("Body", request.body),
        ("Cookies", request.cookies),
    )
    ids = [Pair("client", request.client), Pair("trace id", request.trace)]
    client = parts.table([pair for pair in ids if pair.value]) if request.client else ""
    open_groups = "".join(
        f"<h3>{title}</h3>{parts.table(pairs)}" for title, pairs in groups if pairs
    )
    count = f'<span class="count">{len(request.headers)}</span>'
    fields = (
        f'<details class="fields"><summary>Header fields {count}</summary>'
        f"{parts.table(request.headers)}</details>"
    )
    return client + open_groups + (fields if request.headers else "")
