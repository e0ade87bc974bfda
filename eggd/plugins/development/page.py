"""The page `/__loader_trace__`: one document without other resources, under a strict CSP.

Its script draws the timeline from JSON, and inserts names as text, never as HTML.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eggd import escape_html
from eggd.plugins.development.starts import Start
from eggd.plugins.development.timeline import Bar, bars

_HERE = Path(__file__).parent / "page"
_SLOWEST = 10
"""Number of steps in the table of the slowest."""
_PLACEHOLDER = re.compile(r"\{\{([A-Z]+)\}\}")
_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})

Drawn = list[tuple[Start, list[Bar]]]


@dataclass(frozen=True, slots=True)
class Page:
    """The parts of the page that are the same for every request."""

    frame: str
    """The HTML, with placeholders such as `{{NAME}}`."""
    style: str
    """The one style sheet."""
    script: str
    """The one script."""

    @classmethod
    def load(cls) -> Page:
        """Reads the files; once, before this process is ready."""
        names = ("trace.html", "trace.css", "trace.js")
        return cls(*((_HERE / name).read_text(encoding="utf-8") for name in names))

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: this style sheet and this script, and nothing else."""
        allowed = f"style-src {_digest(self.style)}; script-src {_digest(self.script)}"
        return f"default-src 'none'; {allowed}; base-uri 'none'; frame-ancestors 'none'"

    def render(
        self, name: str, env: str, starts: Sequence[Start], notes: Sequence[str], slow: float
    ) -> str:
        """Returns the page; a step of `slow` ms or more is always marked."""
        drawn = [(start, bars(start, slow)) for start in starts]
        filled = {
            "NAME": escape_html(name),
            "SUMMARY": escape_html(_summary(env, starts)),
            "NOTES": "".join(f'<p class="note">{escape_html(note)}</p>' for note in notes),
            "ROWS": _rows(drawn),
            "DATA": _data(drawn),
            "STYLE": self.style,
            "SCRIPT": self.script,
        }
        return _PLACEHOLDER.sub(lambda match: filled[match[1]], self.frame)


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _summary(env: str, starts: Sequence[Start]) -> str:
    each = [f"{start.title} {_outcome(start)}" for start in starts]
    return " · ".join([f"env {env}", *(each or ["no start is recorded"])])


def _outcome(start: Start) -> str:
    how = "unfinished after" if start.unfinished else "ready in"
    return f"{how} {_ms(start.end - start.begin)}"


def _rows(drawn: Drawn) -> str:
    """Returns table rows with the steps that have the longest own time."""
    known = [(bar, start) for start, placed in drawn for bar in placed if bar.row]
    known.sort(key=lambda pair: -pair[0].own)
    return "".join(_row(bar, start) for bar, start in known[:_SLOWEST])


def _row(bar: Bar, start: Start) -> str:
    cells = [
        escape_html(bar.step.name),
        escape_html(start.title),
        _ms(bar.own),
        _ms(bar.step.end - bar.step.start),
        "unfinished" if bar.step.unfinished else "slow" if bar.slow else "",
    ]
    kind = ' class="slow"' if bar.slow or bar.step.unfinished else ""
    return f"<tr{kind}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _data(drawn: Drawn) -> str:
    """Returns the steps as JSON without characters that could end the script element."""
    items = [_item(start, bar) for start, placed in drawn for bar in placed]
    return json.dumps(items, separators=(",", ":")).translate(_HTML)


def _item(start: Start, bar: Bar) -> Mapping[str, object]:
    step = bar.step
    return {
        "name": step.name,
        "start": step.start,
        "end": step.end,
        "type": "agent" if start.role == "agent" else f"app_{step.pid}",
        "pid": str(step.pid),
        "range": [step.start, step.end],
        "title": start.title,
        "row": bar.row,
        "own": round(bar.own, 3),
        "slow": bar.slow,
        "unfinished": step.unfinished,
    }


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.2f} s"
