"""The parts of the page: each function returns HTML of escaped text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from eggd import escape_html
from eggd.plugins.onerror.report.model import (
    ExceptionFacts,
    Frame,
    LogLine,
    Pair,
    RouteFacts,
    SourceLine,
    Step,
)
from eggd.plugins.onerror.report.text import STATES

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def escape(text: str) -> str:
    """Returns text for HTML and its attributes; characters that change its order are named."""
    visible = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return escape_html(visible).encode("utf-8", "backslashreplace").decode()


def exceptions(chain: Sequence[ExceptionFacts]) -> str:
    """Returns the stacks of the exceptions, that of the first one open."""
    return "".join(_exception(raised, number) for number, raised in enumerate(chain))


def overview(chain: Sequence[ExceptionFacts]) -> str:
    """Returns links to the exceptions of a chain, "" for one alone."""
    if len(chain) < 2:
        return ""
    items = "".join(
        f'<li><a href="#e{number}"><span class="rel">{escape(raised.relation or "Raised")}</span>'
        f"<b>{escape(raised.name)}</b> <span>{escape(_first_line(raised.message))}</span></a></li>"
        for number, raised in enumerate(chain)
    )
    return f'<ol class="chain">{items}</ol>'


def _exception(raised: ExceptionFacts, number: int) -> str:
    head = ""
    if number:
        head = (
            f'<header class="cause"><p class="rel">{escape(raised.relation)}</p>'
            f"<h2>{escape(raised.name)}</h2>{message(raised)}</header>"
        )
    return f'<section class="exception" id="e{number}">{head}{_stack(raised)}</section>'


def message(raised: ExceptionFacts) -> str:
    """Returns message, notes and attributes of an exception."""
    notes = "".join(f'<p class="hint">{escape(note)}</p>' for note in raised.notes)
    text = f'<p class="message">{escape(raised.message)}</p>' if raised.message else ""
    return f"{text}{notes}{table(raised.attributes)}"


def _stack(raised: ExceptionFacts) -> str:
    if not raised.frames:
        return '<p class="none">This exception was created, not raised: it has no stack.</p>'
    blamed = raised.blamed
    pieces = []
    for is_own, frames in groupby(reversed(raised.frames), lambda frame: frame.owner == "app"):
        calls = list(frames)
        if is_own or any(frame is blamed for frame in calls):
            pieces += [_frame(frame, is_open=frame is blamed) for frame in calls]
        else:
            pieces.append(_folded(calls))
    if raised.omitted:
        pieces.append(f'<p class="none">{raised.omitted} frames of a recursion are left out.</p>')
    return f'<div class="stack">{"".join(pieces)}</div>'


def _folded(frames: Sequence[Frame]) -> str:
    packages = ", ".join(dict.fromkeys(frame.package or frame.place for frame in frames))
    count = f"{len(frames)} call{'s' if len(frames) > 1 else ''}"
    inner = "".join(_frame(frame, is_open=False) for frame in frames)
    return (
        f'<details class="fold"><summary><span class="count">{count}</span> in '
        f"{escape(packages)}</summary>{inner}</details>"
    )


def _frame(frame: Frame, *, is_open: bool) -> str:
    kind = "own" if frame.owner == "app" else "foreign"
    opened = " open" if is_open else ""
    current = f'<code class="now">{escape(frame.current)}</code>' if frame.current else ""
    folder, slash, file = frame.place.rpartition("/")
    place = (
        f'<span class="place"><span class="folder">{escape(folder + slash)}</span>'
        f'<b>{escape(file)}</b><span class="line">:{frame.line}</span></span>'
    )
    function = f'<span class="function">{escape(frame.function)}</span>'
    head = f'<summary><span class="where">{place}{function}</span>{current}</summary>'
    body = f"{_source(frame)}{_variables(frame)}"
    return f'<details class="frame {kind}"{opened}>{head}<div class="call">{body}</div></details>'


def _source(frame: Frame) -> str:
    edit = editor_link(frame.link)
    path = f'<p class="path"><span>{escape(frame.file)}:{frame.line}</span>{edit}</p>'
    if not frame.source:
        return f'{path}<p class="none">The source is not available.</p>'
    rows = "".join(map(_source_line, frame.source))
    return f'{path}<pre class="source" tabindex="0"><code>{rows}</code></pre>'


def editor_link(url: str) -> str:
    """Returns a link that opens a place in the editor, "" without a URL."""
    return f'<a class="edit" href="{escape(url)}">Open in editor</a>' if url else ""


def _source_line(line: SourceLine) -> str:
    start, end = line.span or (0, 0)
    marked = _colored(line, start, end)
    mark = f"<mark>{marked}</mark>" if marked else ""
    text = f"{_colored(line, 0, start)}{mark}{_colored(line, end, len(line.text))}"
    kind = ' class="current"' if line.is_current else ""
    return f"<span{kind}><i>{line.number}</i>{text or ' '}\n</span>"


def _colored(line: SourceLine, start: int, end: int) -> str:
    """Returns a part of a line, its words in their colors."""
    pieces, at = [], start
    for begin, stop, kind in line.colors:
        begin, stop = max(begin, at), min(stop, end)
        if begin < stop:
            pieces.append(escape(line.text[at:begin]))
            pieces.append(f'<span class="{kind}">{escape(line.text[begin:stop])}</span>')
            at = stop
    return "".join([*pieces, escape(line.text[at:end])])


def _variables(frame: Frame) -> str:
    if not frame.variables:
        return ""
    count = len(frame.variables)
    title = f'Variables <span class="count">{count}</span>'
    return (
        f'<details class="variables"><summary>{title}</summary>{table(frame.variables)}</details>'
    )


def table(pairs: Iterable[Pair]) -> str:
    """Returns a list of names and values, "" without any."""
    rows = "".join(
        f"<dt>{escape(pair.name)}</dt><dd><code>{escape(pair.value)}</code>"
        + (f'<span class="origin">{escape(pair.note)}</span>' if pair.note else "")
        + "</dd>"
        for pair in pairs
    )
    return f"<dl>{rows}</dl>" if rows else ""


def route(facts: RouteFacts) -> str:
    """Returns the matched route and its steps."""
    if facts.path:
        name = f' <span class="soft">{escape(facts.name)}</span>' if facts.name else ""
        methods = f'<span class="soft">{escape(facts.methods)}</span> '
        title = f'<p class="pattern">{methods}<code>{escape(facts.path)}</code>{name}</p>'
    else:
        title = '<p class="none">No route matches this path.</p>'
    steps = "".join(map(_step, facts.steps))
    return f'{title}{table(facts.params)}<ol class="steps">{steps}</ol>'


def _step(step: Step) -> str:
    name = escape(step.name)
    linked = f'<a href="{escape(step.link)}">{name}</a>' if step.link else name
    kind = "" if step.kind == "middleware" else f"{escape(step.kind)} · "
    return (
        f'<li class="{step.state}"><b>{linked}</b>'
        f'<span class="soft">{kind}{escape(step.place)}</span>'
        f'<span class="state">{STATES[step.state]}</span></li>'
    )


def logs(lines: Sequence[LogLine], dropped: int) -> str:
    """Returns the log lines of the request."""
    if not lines:
        return '<p class="none">This request has logged nothing before the error.</p>'
    rows = "".join(
        f'<li class="{line.level.lower()}"><span class="soft">{escape(line.spent)}</span>'
        f"<b>{line.level}</b><code>{escape(line.text)}</code></li>"
        for line in lines
    )
    more = f'<li class="soft">{dropped} lines were dropped</li>' if dropped else ""
    return f'<ol class="logs">{rows}{more}</ol>'


def _first_line(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= 120 else f"{line[:120]}…"
