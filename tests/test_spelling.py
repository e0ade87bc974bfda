"""Which names count as a misspelling: mistakes of typing do, an app's own names do not."""

from __future__ import annotations

import pytest

from eggd.app.loading.configure import SECTIONS
from eggd.config import Config
from eggd.spelling import misspelt, miswritten

KNOWN = sorted(Config(SECTIONS).declared())


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("middlware", "middleware"),
        ("midleware", "middleware"),
        ("core_midleware", "core_middleware"),
        ("drain_timout", "drain_timeout"),
        ("htp", "http"),
        ("htttp", "http"),
        ("htpt", "http"),
        ("logegr", "logger"),
        ("loger", "logger"),
        ("logger_", "logger"),
        ("Logger", "logger"),
        ("bodyParser", "body_parser"),
        ("body_paser", "body_parser"),
        ("route", "router"),
        ("clutser", "cluster"),
        ("messanger", "messenger"),
        ("proxi", "proxy"),
        ("key", "keys"),
        ("closetimeout", "close_timeout"),
        ("close_timeot", "close_timeout"),
        ("trusted_proxy", "trusted_proxies"),
        ("workerStartTimout", "worker_start_timeout"),
    ],
)
def test_a_typing_mistake_is_recognised(name: str, known: str) -> None:
    assert misspelt(name, KNOWN) == known


@pytest.mark.parametrize(
    ("name", "known"), [("htpp", "http"), ("dumb", "dump"), ("htp", ""), ("mail", ""), ("http", "")]
)
def test_one_wrong_letter_in_a_short_name_is_found_on_request(name: str, known: str) -> None:
    assert miswritten(name, KNOWN) == known


@pytest.mark.parametrize(
    "name",
    [
        *("greeting", "game", "cache", "mail", "mongo", "redis", "database", "db", "http2", "site"),
        *("meat_price", "beta", "jump", "path", "title", "base_url", "log", "timeout", "roof"),
        *("headers", "smtp", "theme", "feature_flags", "sentry", "tokens", "upstream", "metrics"),
        *("middleware", "http", "proxies", "policy"),
    ],
)
def test_a_name_of_an_app_is_not_a_misspelling(name: str) -> None:
    assert misspelt(name, KNOWN) == ""
