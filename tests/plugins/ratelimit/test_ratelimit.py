"""Limits of requests by what clients see, with both stores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.testing.make_app import make_app
from eggd.testing.redis_server import RedisServer
from eggd.testing.suite import Suite
from tests.app.loading import loaded
from tests.app.serving import Client, served

ROUTER = """
def by_user(ctx):
    return ctx.get("x-user") or None

def router(app):
    app.get("/", lambda ctx: "home")
    app.get("/free", lambda ctx: "free")
    app.post("/login", app.rate_limit(2, "1d", name="login"), lambda ctx: "in")
    app.get("/user", app.rate_limit(2, "1d", name="user", by=by_user), lambda ctx: "user")
    app.get("/all", app.rate_limit(3, "1d", name="all", by="all"), lambda ctx: "all")
"""
LIMITS = "{'limit': 4, 'window': '1d', 'ignore': '/free', 'name': 'site'}"


def files(store: str = "", limits: str = LIMITS) -> dict[str, str]:
    proxy = "keys = 'a'\nproxy = True\n"
    config = f"{proxy}ratelimit = {{'limits': [{limits}], {store}}}\n"
    plugins = "ratelimit = True\nredis = True\nsecurity = False\nonerror = False\n"
    return {
        "config/config_default.py": config,
        "config/plugin.py": plugins,
        "app/router.py": ROUTER,
    }


def on_redis(url: str, **options: object) -> dict[str, str]:
    made = files("'store': 'redis'")
    clients = {"ratelimit": {"url": url, **options}}
    made["config/config_default.py"] += f"redis = {{'clients': {clients!r}}}\n"
    return made


@contextmanager
def both(folder: Path, store: str) -> Iterator[Client]:
    if store == "local":
        with served(folder, files()) as client:
            yield client
        return
    with RedisServer() as server, served(folder, on_redis(server.url)) as client:
        yield client


@pytest.fixture(params=["local", "redis"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    with both(tmp_path / "shop", request.param) as client:
        yield client


def statuses(get: Callable[[], int], times: int) -> list[int]:
    return [get() for _ in range(times)]


def test_a_limit_of_all_paths(client: Client) -> None:
    """The fields are those of draft-ietf-httpapi-ratelimit-headers-10."""
    first = client.get("/")
    assert first.headers["RateLimit-Policy"] == '"site";q=4;w=86400'
    assert first.headers["RateLimit"] == '"site";r=3;t=21600'
    assert statuses(lambda: client.get("/missing").status, 5) == [404, 404, 404, 429, 429]
    refused = client.get("/")
    assert refused.status == 429
    assert refused.headers["RateLimit"] == '"site";r=0;t=86400'
    assert 21_590 < int(refused.headers["Retry-After"]) <= 21_600
    assert client.get("/free").status == 200
    assert "RateLimit" not in client.get("/free").headers


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_an_address_counts_by_itself(
    client: Client, first: str, second: str, together: bool
) -> None:
    """Addresses of one /64 count together."""

    def get(ip: str) -> int:
        return client.get("/", **{"X-Forwarded-For": ip}).status

    assert statuses(lambda: get(first), 5) == [200, 200, 200, 200, 429]
    assert get(second) == (429 if together else 200)


def test_limits_of_routes(client: Client) -> None:
    def get(path: str, number: int, **headers: str) -> int:
        return client.get(path, **{"X-Forwarded-For": f"10.0.0.{number}", **headers}).status

    login = client.ask("POST", "/login", b"")
    assert login.headers.get_all("RateLimit") == ['"site";r=3;t=21600', '"login";r=1;t=43200']
    assert statuses(lambda: client.ask("POST", "/login", b"").status, 2) == [200, 429]
    assert [get("/all", number) for number in range(4)] == [200, 200, 200, 429]
    users = ["ada", "ada", "ada", "bob", "", "", ""]
    given = [get("/user", 9 + number, **{"X-User": user}) for number, user in enumerate(users)]
    assert given == [200, 200, 429, 200, 200, 200, 200]


@pytest.mark.parametrize(("when", "status"), [("open", 200), ("closed", 503)])
def test_an_outage_of_redis(tmp_path: Path, when: str, status: int) -> None:
    with RedisServer() as server:
        made = on_redis(server.url)
        made["config/config_unittest.py"] = f"ratelimit = {{'when_down': '{when}'}}\n"
        with served(tmp_path / "shop", made) as client:
            assert client.get("/").status == 200
            server.stop()
            assert statuses(lambda: client.get("/").status, 10) == [status] * 10
            assert ("Retry-After" in client.get("/").headers) == (when == "closed")
            server.start()
            while "RateLimit" not in client.get("/").headers:
                pass
            log = (client.log_dir / "egg-web.log").read_text()
            assert log.count(") is down: ") == 1


@pytest.mark.parametrize(
    ("limits", "line"),
    [
        ("{'limit': 0, 'window': 1}", "entry 1: limit must be 1 to 1000000, not 0"),
        ("{'limit': 1, 'window': 0}", "window must be above 0 and at most a day"),
        ("{'limit': 1, 'window': '2d'}", "window must be above 0 and at most a day"),
        ("{'limit': 1}", "window must be above 0"),
        ("{'limit': 1, 'window': 1, 'by': 'pi'}", "by 'pi' is unknown ('ip', 'all', or a"),
        ("{'limit': 1, 'window': 1, 'by': 7}", "by is not a function"),
        ("{'limit': 1, 'window': 1, 'name': 'a b'}", "rate limit 'a b': the name is not valid"),
        ("{'limit': 1, 'window': 1, 'wnidow': 1}", "unknown key (did you mean 'window'?)"),
        ("{'limit': 1, 'window': 1, 'match': '/a', 'ignore': '/b'}", "cannot both be set"),
    ],
)  # fmt: skip
def test_a_mistake_is_an_error_at_the_start(tmp_path: Path, limits: str, line: str) -> None:
    with pytest.raises(EggError, match=re.escape(line)):
        loaded(tmp_path / "shop", files(limits=limits))


@pytest.mark.parametrize(
    ("store", "line"),
    [
        ("'keys': 10", "ratelimit.keys must be 1024 to 16777216, not 10"),
        ("'store': 'redis'", "ratelimit.redis: 'ratelimit': unknown client"),
        ("'store': 'mongo'", "ratelimit.store must be"),
    ],
)
def test_a_wrong_store_is_an_error_at_the_start(tmp_path: Path, store: str, line: str) -> None:
    with pytest.raises(EggError, match=re.escape(line)):
        loaded(tmp_path / "shop", files(store))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("store", ["local", "redis"])
def test_four_workers_under_load_keep_the_limit_exactly(
    cluster: Callable[..., Suite], tmp_path: Path, store: str
) -> None:
    """A killed worker forgets nothing."""
    with RedisServer() as server:
        made = files() if store == "local" else on_redis(server.url)
        made["config/config_prod.py"] = "ratelimit = {'limits': [{'limit': 500, 'window': '1d'}]}\n"
        suite = cluster(make_app(tmp_path / "shop", made), 4, "prod")

        def load(_: int) -> int:
            connection = HTTPConnection("127.0.0.1", suite.port, timeout=60)
            count = 0
            for _ in range(50):
                connection.request("GET", "/", headers={"Connection": "close"})
                response = connection.getresponse()
                count += response.status == 200
                response.read()
            return count

        with ThreadPoolExecutor(8) as pool:
            first = sum(pool.map(load, range(8)))
            assert first == 400
            suite.kill("worker-1")
            suite.restart("worker-1").wait_ready()
            assert first + sum(pool.map(load, range(8))) == 500
