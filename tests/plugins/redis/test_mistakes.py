"""Mistakes in the section `redis` end the start with one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd import Application
from eggd.errors import EggError
from tests.app.loading import loaded

FILE = "config/config_default.py"

WRONG = [
    ("{'client': {'url': 'redis://a'}}", "redis.client: unknown key (did you mean 'clients'?)"),
    ("{'clients': {'a': {'ulr': 'redis://a'}}}", "redis.clients.a.ulr: unknown key (did you"),
    ("{'clients': {'a': {'url': 'http://a'}}}", "a.url: the scheme is 'http' (redis://"),
    ("{'clients': {'a': {'url': 'redis://a/x'}}}", "url: the database is not a number"),
    ("{'clients': {'a': {'url': 'redis://a?timeout=5'}}}", "options after '?' have no effect"),
    ("{'clients': {'a': {'url': 'redis://:a#b@c'}}}", "a password needs it as %23"),
    ("{'clients': {'a': {'url': 'redis://a:port'}}}", "redis.clients.a.url: "),
    ("{'clients': {'a': {'url': 'unix://run/redis.sock'}}}", "must be absolute"),
    ("{'clients': {'a': {'url': 'unix:///r?x=1'}}}", "only db may follow '?'"),
    ("{'clients': {'a': {'url': 'redis://a', 'cluster': ['b']}}}", "cannot be set beside url"),
    ("{'clients': {'a': {'sentinels': ['b']}}}", "needs master (set redis.clients.a.master)"),
    ("{'clients': {'a': {'master': 'b'}}}", "redis.clients.a.master: needs sentinels"),
    ("{'clients': {'a': {'sentinels': ['b:x'], 'master': 'b'}}}", "'b:x' is not HOST or"),
    ("{'clients': {'a': {'cluster': []}}}", "redis.clients.a.cluster: is empty"),
    ("{'clients': {'a': {'cluster': ['b'], 'db': 1}}}", "db: has no meaning in a cluster"),
    ("{'clients': {'a': {'url': 'redis://a/1', 'db': 2}}}", "db: is in the URL, too"),
    ("{'clients': {'a': {'url': 'redis://a', 'tls': True}}}", "write the URL with rediss://"),
    ("{'clients': {'a': {'tls': True, 'tls_cert': 'a.pem'}}}", "needs both tls_cert and tls_key"),
    ("{'clients': {'a': {'tls_ca': 'a.pem'}}}", "tls_ca: has no effect without TLS"),
    ("{'clients': {'a': {'url': 'redis://a', 'tls_cert': 'a'}}}", "cert: has no effect without"),
    ("{'clients': {'a': {'url': 'redis://a:0'}}}", "a.url: the port is 0"),
    ("{'clients': {'': {}}}", "redis.clients: '' is not a name"),
    ("{'clients': {'a': {'timeout': 5000}}}", "not 5000 (durations are in seconds; Egg's"),
    ("{'clients': {'a': {'max_connections': 0}}}", "number from 1 to 65535, not 0"),
    ("{'clients': {'a': {'timeout': '0s'}}}", "timeout must be 0.001 to 600 seconds"),
    ("{'clients': {'a': {}}, 'default': {'timeout': 0}}", "redis.default.timeout must be"),
    ("{'clients': {'a': {'db': -1}}}", "db must be a whole number from 0 to 1000000"),
    ("{'clients': ['a']}", "redis.clients must be a mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "line"), WRONG)
def test_a_mistake_is_an_error_at_the_start(tmp_path: Path, options: str, line: str) -> None:
    files = {"config/plugin.py": "redis = True\n", FILE: f"redis = {options}\n"}
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", files)
    assert line in caught.value.line
    assert caught.value.line.startswith(f"{tmp_path}/shop/{FILE}:1: ")


def test_an_error_of_a_url_does_not_show_its_password(tmp_path: Path) -> None:
    options = {"clients": {"a": {"url": "redis://:geheim@host?x=1"}}}
    files = {"config/plugin.py": "redis = True\n", FILE: f"redis = {options}\n"}
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", files)
    assert "geheim" not in caught.value.line


def test_a_plugin_without_clients_is_a_warning(tmp_path: Path) -> None:
    app: Application = loaded(tmp_path / "shop", {"config/plugin.py": "redis = True\n"})
    assert [line for line in app.warnings if "redis.clients is empty" in line]


def test_an_unknown_client_names_the_nearest(tmp_path: Path) -> None:
    config = "redis = {'clients': {'cache': {}, 'nodes': {'cluster': ['a']}}}\n"
    app: Application = loaded(
        tmp_path / "shop", {"config/plugin.py": "redis = True\n", FILE: config}
    )
    with pytest.raises(EggError, match=r"'cahce': unknown client \(did you mean 'cache'\?\)"):
        app.redis.get("cahce")
    with pytest.raises(EggError, match=r"'nodes' is a cluster \(app.redis.cluster\('nodes'\)\)"):
        app.redis.get("nodes")
    with pytest.raises(EggError, match=r"'cache' is not a cluster \(app.redis.get\('cache'\)\)"):
        app.redis.cluster("cache")
