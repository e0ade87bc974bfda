"""The section `session` of the config: what stops a start, what is a warning, and where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.app.application import Application
from eggd.errors import ConfigError
from tests.app.loading import loaded

DEFAULT = "config/config_default.py"


def refused(root: Path, config: str, env: str = "prod", **files: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(root, {DEFAULT: config, **files}, env=env)
    return caught.value.line.replace(f"{root}/", "").replace(str(root), "APP")


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ('session = {"max_age": "1d"}\n', ":1: config.keys is not set, which signs"),
        ("session = {}\n", ":1: config.keys is not set, which signs"),
        ('x = 1\nkeys = ","\nsession = {"renew": True}\n', ":2: config.keys has no key between"),
        ('keys = "a"\nsession = {\n "key": "a;b"}\n', ":3: session.key, path or domain is wrong:"),
        (
            'keys = "a"\nsession = {"store": "redis",\n "redis": {"url": "http://x"}}\n',
            ":3: session.redis must be the name of a client, not its options (move them to",
        ),
        (
            'keys = "a"\nsession = {"store": "sqlite",\n "sqlite": {"path": "config"}}\n',
            ":3: session.sqlite.path: 'config' is a directory",
        ),
        (
            (
                'keys = "a"\nsession = {"store": "sqlite",\n'
                ' "sqlite": {"path": "config/config_default.py"}}\n'
            ),
            ":3: session.sqlite.path: 'config/config_default.py' is not a database of SQLite",
        ),
        (
            'keys = "a"\nsession = {"store": "redis"}\n',
            ":2: session.store 'redis' needs the plugin redis (redis = True in config/plugin.py)",
        ),
        (
            'session = {"sqlite": {"sweep_interval": "0s"}}\n',
            ":1: session.sqlite.sweep_interval must be 0.001 to 604800 seconds",
        ),
        (
            'session = {"sqlite": {"timeout": 0}}\n',
            ":1: session.sqlite.timeout must be",
        ),
        (
            'session = {"secure": "on"}\n',
            ":1: session.secure must be true, false, or None, not 'on'",
        ),
        (
            'session = {"max_age": -5}\n',
            ":1: session.max_age must be 0.001 to 34560000 seconds, text from '1ms' to '400d'",
        ),
        (
            'keys = "a"\nsession = {"key": "__Host-S", "secure": False}\n',
            ":2: session.secure is off, and the name of the cookie needs it",
        ),
        (
            'keys = "a"\nsession = {"key": "__Host-S", "path": "/a"}\n',
            ":2: session.key, path or domain is wrong: cookie '__Host-S' cannot be set: a browser",
        ),
        ('keys = ["a", "b"]\n', ":1: keys must be text, with commas between several values, not a"),
        ('session = {"context_store": 5}\n', ":1: session.context_store must be a class, not 5"),
        (
            'session = {"context_store": dict}\n',
            ":1: session.context_store: class dict has no set, destroy (get(key), set(key,",
        ),
        (
            'session = {"external_key": {"get": print}}\n',
            ":1: session.external_key has no set (needs get, set)",
        ),
        (
            'session = {"external_key": {"get": print, "set": print, "put": print}}\n',
            ":1: session.external_key has an unknown 'put' (takes get, set)",
        ),
    ],
)
def test_an_error_names_the_line_that_sets_the_key(tmp_path: Path, config: str, line: str) -> None:
    assert refused(tmp_path, config).startswith(f"{DEFAULT}{line}")


def test_an_error_names_the_file_of_the_environment(tmp_path: Path) -> None:
    prod = 'session = {\n "redis": {"url": "http://x"}}\n'
    config = 'keys = "a"\nsession = {"store": "redis"}\n'
    line = refused(tmp_path, config, **{"config/config_prod.py": prod})
    assert line.startswith("config/config_prod.py:2: session.redis must be the name")


def test_the_path_may_be_left_to_the_browser(tmp_path: Path) -> None:
    app: Application = loaded(tmp_path, {DEFAULT: 'keys = "a"\nsession = {"path": None}\n'})
    assert app.config.session.path is None


@pytest.mark.parametrize(
    ("options", "env", "warning"),
    [
        (
            '"encrypt": False, "signed": False',
            "prod",
            "session.signed and session.encrypt are off: every client can write any session",
        ),
        (
            '"http_only": False',
            "prod",
            "session.http_only is off: every script of a page can read the cookie",
        ),
        (
            '"rolling": True, "renew": True',
            "local",
            "session.renew has no effect with session.rolling",
        ),
        (
            '"store": "memory"',
            "prod",
            "session.store 'memory' is for tests: workers share nothing, a reload loses all",
        ),
        (
            '"sqlite": {"path": "x"}',
            "prod",
            "session.sqlite.path has no effect without session.store = 'sqlite'",
        ),
        (
            '"redis": "cache"',
            "prod",
            "session.redis has no effect without session.store = 'redis'",
        ),
        (
            '"renew": True, "max_age": "session"',
            "prod",
            "session.renew has no effect with session.max_age = 'session', which never ends",
        ),
        (
            '"secure": True',
            "prod",
            (
                "session.secure needs HTTPS, and no key announces HTTPS: over HTTP each request"
                " that changes the session fails (remove it, as over HTTPS the cookie is secure"
                " without it; or set proxy if a proxy ends TLS, or protocol = 'https')"
            ),
        ),
        (
            '"key": "__Host-S"',
            "prod",
            (
                "session.key '__Host-S' needs HTTPS, and no key announces HTTPS: over HTTP the"
                " browser drops the cookie, and each request has a new session (choose another"
                " name; or set proxy if a proxy ends TLS, or protocol = 'https')"
            ),
        ),
        ('"key": "__Host-S"}\nproxy = True\n_ = {', "prod", ""),
        ('"store": "memory", "redis": "cache"', "unittest", ""),
        ('"rolling": True', "prod", ""),
    ],
)
def test_an_option_without_effect_or_protection_is_a_warning(
    tmp_path: Path, options: str, env: str, warning: str
) -> None:
    app: Application = loaded(
        tmp_path, {DEFAULT: f'keys = "aaaaaaaaaaaaaaaa"\nsession = {{{options}}}\n'}, env=env
    )
    lines = [line.replace(f"{tmp_path}/", "") for line in app.warnings]
    assert lines == ([f"{DEFAULT}:2: {warning}"] if warning else [])
