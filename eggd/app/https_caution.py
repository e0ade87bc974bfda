"""A warning for values of the config that need HTTPS, while no key lets a request come over it."""

from __future__ import annotations

from collections.abc import Iterator

from eggd.app.cluster_config import ClusterConfig
from eggd.app.config import AppConfig
from eggd.app.context.cookie_options import CookiesConfig
from eggd.config.config import Config
from eggd.http.config import HttpConfig


def https_caution(config: Config, effect: str, cure: str) -> str:
    """Returns what follows the name of such a value in a warning; "" if a key announces HTTPS.

    `effect` says what happens over HTTP, `cure` what to do if the app has no HTTPS.
    """
    root = config[AppConfig]
    is_own = config[ClusterConfig].https.cert or config[HttpConfig].proxy_protocol
    if is_own or root.proxy or root.protocol == "https":
        return ""
    return (
        f"needs HTTPS, and no key announces HTTPS: over HTTP {effect} ({cure}; or set proxy if a"
        " proxy ends TLS, or protocol = 'https')"
    )


def warnings(config: Config) -> Iterator[str]:
    """Yields a line for cookies that are secure by default."""
    if not config[CookiesConfig].secure:
        return
    cure = "remove it, as over HTTPS a cookie is secure without it"
    if text := https_caution(config, "no cookie can be set", cure):
        yield f"{config.located('cookies.secure')}: cookies.secure {text}"
