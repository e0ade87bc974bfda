"""Rules about the keys for proxies, which stand in different sections of the config."""

from __future__ import annotations

from collections.abc import Iterator

from eggd.app.config import AppConfig
from eggd.config.config import Config
from eggd.errors import ConfigError
from eggd.http import HttpConfig
from eggd.spelling import did_you_mean, misspelt
from eggd.wire.networks import UNIX, Networks

_FIELDS = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded")
"""The usual fields of proxies, in lower case."""
_LOCAL = ("127.", "::1")
_HEADERS = ("ip_headers", "protocol_headers", "host_headers")
_OTHER = {
    "x-forwarded-for": "ip_headers",
    "x-real-ip": "ip_headers",
    "x-forwarded-proto": "protocol_headers",
    "x-forwarded-host": "host_headers",
}
"""The key that reads each usual field; `forwarded` has all three."""


def check(config: Config) -> None:
    """Raises ConfigError for `http.proxy_protocol` without senders that are trusted."""
    if config[HttpConfig].proxy_protocol and not config[AppConfig].trusted_proxies:
        where = config.located(("http", "proxy_protocol"))
        raise ConfigError(
            f"{where}: http.proxy_protocol needs trusted_proxies, the addresses that may send the"
            " PROXY header",
            hint='trusted_proxies = ["10.0.0.0/8"]',
        )


def warnings(config: Config) -> Iterator[str]:
    """Yields a line for each key without effect, for trust in all, and for a wrong field."""
    root = config[AppConfig]
    if root.trusted_proxies and not root.proxy and not config[HttpConfig].proxy_protocol:
        where = config.located("trusted_proxies")
        yield f"{where}: trusted_proxies has no effect (set proxy or http.proxy_protocol, too)"
    if everyone := [each for each in root.trusted_proxies if each.endswith("/0")]:
        where = config.located("trusted_proxies")
        yield (
            f"{where}: trusted_proxies: {everyone[0]!r} trusts every client: each can choose its"
            " ctx.ip and ctx.protocol (list the addresses of your proxies)"
        )
    for key in (*_HEADERS, "max_ips_count"):
        if config.is_set(key) and not root.proxy:
            yield f"{config.located(key)}: {key} has no effect (set proxy = True, too)"
    for key in _HEADERS:
        for name in map(str.strip, getattr(root, key).split(",")):
            if right := misspelt(name.lower(), _FIELDS):
                yield f"{config.located(key)}: {key}: {name!r} ({did_you_mean(right)})"
            elif (right := _OTHER.get(name.lower(), key)) != key:
                yield f"{config.located(key)}: {key}: {name!r} is a field of {right}"


def exposure(config: Config, sockname: object) -> str:
    """Returns a warning if `proxy` trusts all peers of this listener, or cannot trust any, else "".

    `sockname` is the result of getsockname(2).
    """
    root = config[AppConfig]
    if not root.proxy:
        return ""
    where = config.located("proxy")
    if not isinstance(sockname, tuple):
        if UNIX in root.trusted_proxies:
            return ""
        text = "the listener is a Unix socket, and its peers are not trusted"
        return f'{where}: proxy has no effect: {text} (trusted_proxies = ["unix"])'
    if root.trusted_proxies or str(sockname[0]).startswith(_LOCAL):
        return ""
    return (
        f"{where}: proxy is on without trusted_proxies: every host that reaches {sockname[0]} can"
        " choose its ctx.ip and ctx.protocol (list the addresses of your proxies)"
    )


def senders(config: Config) -> Networks | None:
    """Returns the senders of PROXY headers; None if connections begin without one."""
    if not config[HttpConfig].proxy_protocol:
        return None
    return Networks(config[AppConfig].trusted_proxies)
