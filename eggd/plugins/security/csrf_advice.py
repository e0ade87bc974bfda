"""The sentences of a refused request: why, how to send it, and how to allow it."""

from __future__ import annotations

from collections.abc import Mapping

from eggd import Context
from eggd.plugins.security.csrf_options import CsrfOptions
from eggd.plugins.security.csrf_secret import SecretPlace

CROSS_SITE = "cross-site request"
"""The problem of a request that a page of another origin has sent, by the browser's word."""

_SENDERS: Mapping[str, str] = {
    "cross-site": "Sec-Fetch-Site is cross-site: a page of another site sent it",
    "same-site": "Sec-Fetch-Site is same-site: a page of another host, port or scheme sent it",
}
_LIST = "security.csrf.referer_white_list"
_MOST_SHOWN = 100
"""Characters of a client's Origin that an answer shows."""


def advice(ctx: Context, problem: str, options: CsrfOptions, secrets: SecretPlace) -> str:
    """Returns what a developer has to know about a problem, without the values of secrets."""
    if problem == CROSS_SITE:
        return f"{_sender(ctx)} ({_LIST} has the hosts that may)"
    if problem.endswith("referer") and "token" not in problem:
        return f"send the request from a page of this site, or of a host in {_LIST}"
    if secrets.is_doubled(ctx):
        return (
            f"the request has two cookies {secrets.names[0]}, and another host of the domain may"
            " have set one: delete them, and set security.csrf.use_session or a cookie_name that"
            " begins with __Host-"
        )
    return f"{_way(options, secrets)}{_exemption(ctx)}"


def _sender(ctx: Context) -> str:
    site = ctx.get("sec-fetch-site")
    if site:
        return _SENDERS.get(site, "Sec-Fetch-Site has an unknown value")
    return f"Origin is {ctx.get('origin')[:_MOST_SHOWN]!r}, which is not this host ({ctx.host})"


def _way(options: CsrfOptions, secrets: SecretPlace) -> str:
    place = "in the page" if options.use_session else f"in the cookie {secrets.names[0]}"
    body_name = options.body_name if isinstance(options.body_name, str) else options.body_name[0]
    return (
        f"send the value that ctx.csrf has, or that is {place}, in the header"
        f" {options.header_name}, or as {body_name} in the query or body"
    )


def _exemption(ctx: Context) -> str:
    """Returns the way of a client that is not a browser, such as an app with a Bearer token."""
    if not ctx.get("authorization") or ctx.get("cookie"):
        return ""
    return "; an API that only reads Authorization: name its paths in security.csrf.ignore"
