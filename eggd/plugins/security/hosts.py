"""The names of this site: a request for another host is refused with 421."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eggd import ConfigError, Context, HttpError, path_condition

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_\-]*[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?:\*?\.)?{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\]")
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
"""Names of the machine itself, which are allowed in env local and unittest, too."""

Guard = Callable[[Context], object]
"""Checks a request before its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostsOptions:
    """The hosts that the app answers for; without `names` it answers for all."""

    names: Sequence[str] = ()
    """Host names and addresses without a port. `.shop.example` is this name with all its
    sub-domains, `*.shop.example` its sub-domains alone."""
    match: object = None
    """The requests that are checked, as a middleware's `match` (docs/middleware.md)."""
    ignore: object = None
    """The requests that are not checked, such as those of a load balancer."""

    def __post_init__(self) -> None:
        """Refuses entries that no host equals, and conditions of nothing."""
        for name in self.names:
            if not _NAME.fullmatch(name):
                raise ConfigError(f"security.hosts.names: {name!r} is not a host", hint=_hint(name))
        for key in ("match", "ignore"):
            if getattr(self, key) is not None and not self.names:
                raise ConfigError(f"security.hosts.{key} has no effect without names")


def host_guard(options: HostsOptions, env: str, refuse: Guard, guard: Guard) -> Guard:
    """Returns `guard` for the hosts of `options` alone; other requests are answered with 421.

    `refuse` is called before the error is raised, so that its answer gets its header fields.
    Raises ConfigError for a pattern of an unknown kind.
    """
    names = [name.lower() for name in options.names]
    own = {*(name.removeprefix(".") for name in names if name[0] != "*")}
    own |= {*_LOCAL} if env in ("local", "unittest") else set()
    below = tuple(name.removeprefix("*") for name in names if name[0] in "*.")
    applies = path_condition(options.match, options.ignore, "security.hosts")

    def check(ctx: Context) -> object:
        name = ctx.hostname.lower().removesuffix(".")
        if name in own or name.endswith(below) or (applies is not None and not applies(ctx)):
            return guard(ctx)
        refuse(ctx)
        text = f"this server does not answer for the host {name[:100]!r}"
        raise HttpError(421, f"{text} (security.hosts.names has those that it answers for)")

    return check


def _hint(name: str) -> str:
    """Returns what to write in place of a URL, a name with a port, or `*`."""
    if name in ("*", "*.*"):
        return "leave names empty to answer for all hosts"
    if not name.isascii():
        return "write the host in Punycode: 'xn--...'"
    bare = re.sub(r":[0-9]*\Z", "", (name.partition("://")[2] or name).partition("/")[0])
    return f"write {bare!r}" if _NAME.fullmatch(bare) else "such as 'shop.example'"
