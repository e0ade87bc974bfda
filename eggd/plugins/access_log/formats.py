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
        # The Unix times between which `text` is right.
        self.start = self.end = 0.0
        self.text = ""

    def turn(self, now: float) -> str:
        """Returns a Unix time as text, and keeps it for the rest of its second."""
        self.start = now // 1
        self.end = self.start + 1
        self.text = time.strftime(' [%d/%b/%Y:%H:%M:%S %z] "', time.localtime(now))
        return self.text


def status_of(ctx: Context) -> int:
    """Returns the status that was sent, 499 if the client left before."""
    return ctx.exchange.status or CLIENT_LEFT


def short(ctx: Context) -> str:
    """Returns the line for a terminal."""
    spent = (perf_counter() - ctx.started) * 1000
    return f"{status_of(ctx)} {ctx.exchange.sent} bytes, {spent:.1f} ms"


def _text(constant: Callable[[_Received], tuple[str, ...]]) -> Format:
    """Returns the function for `ip - user [time] "METHOD target HTTP/1.1" status bytes`, given one
    for the parts that a client repeats: the version, and what follows the bytes."""
    clock, now_of = _Clock(), time.time

    def line(ctx: Context) -> str:
        exchange = ctx.exchange
        user, ip, url, (version, end) = ctx.log_parts(constant)
        if user != "-":
            user = _quoted(user).replace(" ", "_")
        if '"' in url or "\\" in url:
            url = _quoted(url)
        now = now_of()
        date = clock.text if clock.start <= now < clock.end else clock.turn(now)
        return (
            f"{ip} - {user}{date}{exchange.method} {url}{version}"
            f"{exchange.status or CLIENT_LEFT} {exchange.sent or '-'}{end}"
        )

    return line


class _Fields(Protocol):
    """Header fields."""

    def get(self, name: str) -> str:
        """Returns a field, "" if it is absent."""
        ...


class _Received(Protocol):
    """The parts of a request that a client repeats."""

    @property
    def version(self) -> str: ...

    @property
    def headers(self) -> _Fields: ...


def _version(exchange: _Received) -> tuple[str, ...]:
    return f' HTTP/{exchange.version}" ', ""


def _version_and_agent(exchange: _Received) -> tuple[str, ...]:
    """Returns the version, and Referer and User-Agent, each with a blank in front."""
    headers = exchange.headers
    referer, agent = headers.get("referer"), headers.get("user-agent")
    end = f' "{_shown_url(referer) if referer else "-"}" "{_quoted(agent) or "-"}"'
    return f' HTTP/{exchange.version}" ', end


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


FORMATS: dict[str, Format] = {
    "common": _text(_version),
    "combined": _text(_version_and_agent),
    "json": as_json,
}


def _quoted(text: str) -> str:
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("\n", "\\n") if "\n" in text else text
