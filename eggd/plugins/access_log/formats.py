"""The line of a request: common or combined log format, or JSON.

The target of a request may have secrets in its query, and any client may send quotes: secrets are
masked, quotes and backslashes escaped. Control characters are escaped by the logger.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import lru_cache
from time import perf_counter
from typing import Protocol

from eggd import Context, without_secrets

Format = Callable[[Context], str]

CLIENT_LEFT = 499
"""The status of a request whose client left before the answer (nginx)."""


class _Clock:
    """The local time of lines, formatted once per second."""

    def __init__(self) -> None:
        # The Unix times between which `_text` is right.
        self._start = self._end = 0.0
        self._text = ""

    def now(self) -> str:
        now = time.time()
        if not self._start <= now < self._end:
            self._start = now // 1
            self._end = self._start + 1
            self._text = time.strftime("%d/%b/%Y:%H:%M:%S %z", time.localtime(now))
        return self._text


_clock = _Clock()


def status_of(ctx: Context) -> int:
    """Returns the status that was sent, 499 if the client left before."""
    return ctx.exchange.status or CLIENT_LEFT


def short(ctx: Context) -> str:
    """Returns the line for a terminal."""
    spent = (perf_counter() - ctx.started) * 1000
    return f"{status_of(ctx)} {ctx.exchange.sent} bytes, {spent:.1f} ms"


def common(ctx: Context) -> str:
    """Returns `ip - user [time] "METHOD target HTTP/1.1" status bytes`."""
    exchange, user, url = ctx.exchange, ctx.log_user, ctx.masked_url
    if user != "-":
        user = _quoted(user).replace(" ", "_")
    if '"' in url or "\\" in url:
        url = _quoted(url)
    return (
        f'{ctx.log_ip} - {user} [{_clock.now()}] "{exchange.method} {url} HTTP/{exchange.version}"'
        f" {exchange.status or CLIENT_LEFT} {exchange.sent or '-'}"
    )


def combined(ctx: Context) -> str:
    """Returns the common format with Referer and User-Agent."""
    return common(ctx) + ctx.exchange.headers.derived(b"access log", _agent)


class _Fields(Protocol):
    """Header fields."""

    def get(self, name: str) -> str:
        """Returns a field, "" if it is absent."""
        ...


def _agent(headers: _Fields) -> str:
    """Returns Referer and User-Agent, each with a blank in front."""
    referer, agent = headers.get("referer"), headers.get("user-agent")
    return f' "{_shown_url(referer) if referer else "-"}" "{_quoted(agent) or "-"}"'


@lru_cache(256)  # the pages of a site are few, and the search for secrets takes 3 us
def _shown_url(url: str) -> str:
    return _quoted(without_secrets(url))


def as_json(ctx: Context) -> str:
    """Returns an object of JSON."""
    exchange = ctx.exchange
    user = ctx.log_user
    data = {
        "time": time.time(),
        "ip": ctx.ip,
        "user": None if user == "-" else user,
        "method": exchange.method,
        "host": ctx.host,
        "url": ctx.masked_url,
        "version": exchange.version,
        "status": status_of(ctx),
        "bytes": exchange.sent,
        "ms": round((perf_counter() - ctx.started) * 1000, 3),
        "referer": without_secrets(ctx.get("referer")),
        "user_agent": ctx.get("user-agent"),
        "trace_id": ctx.log_trace or None,
    }
    return json.dumps(data)


FORMATS: dict[str, Format] = {"common": common, "combined": combined, "json": as_json}


def _quoted(text: str) -> str:
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("\n", "\\n") if "\n" in text else text
