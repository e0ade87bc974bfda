"""Limits of requests by what clients see, with both stores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from redis import Redis

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
    app.get("/half", app.rate_limit(2, "1d", name="half", by=lambda ctx: "\\ud800"), lambda ctx: "")
    app.get("/all", app.rate_limit(3, "1d", name="all", by="all"), lambda ctx: "all")
"""
HAS = {"ratelimit": "rate_limit", "redis": "redis"}
HOOK = """
from eggd import Boot

class App(Boot):
    def config_did_load(self):
        self.app.redis.get("main")
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
    assert refused.headers["RateLimit"] in ('"site";r=0;t=86400', '"site";r=0;t=86399')
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


@pytest.mark.parametrize(("when", "status"), [("open", 200), ("closed", 503)])
def test_a_redis_that_refuses_to_count(tmp_path: Path, when: str, status: int) -> None:
    """A server without memory is an outage with one line, not a limit that is silently off."""
    with RedisServer() as server, Redis(unix_socket_path=str(server.socket)) as redis:
        made = on_redis(server.url)
        made["config/config_unittest.py"] = f"ratelimit = {{'when_down': '{when}'}}\n"
        with served(tmp_path / "shop", made) as client:
            assert "RateLimit" in client.get("/").headers
            redis.config_set("maxmemory", "1")
            assert statuses(lambda: client.get("/").status, 10) == [status] * 10
            redis.config_set("maxmemory", "0")
            assert "RateLimit" in client.get("/").headers
            log = (client.log_dir / "egg-web.log").read_text()
            assert log.count("the server refuses commands: OOM command not allowed") == 1
            assert log.count("[ratelimit] counting by redis client 'ratelimit' is down: OOM") == 1


@pytest.mark.parametrize("value", [b"eggs", b"", b"-1e400", None])
def test_a_foreign_value_in_redis_is_replaced(tmp_path: Path, value: bytes | None) -> None:
    with RedisServer() as server, Redis(unix_socket_path=str(server.socket)) as redis:
        with served(tmp_path / "shop", on_redis(server.url)) as client:
            client.get("/")
            (key,) = redis.keys()
            redis.delete(key)
            if value is None:
                redis.lpush(key, "eggs")
            else:
                redis.set(key, value)
            assert client.get("/").headers["RateLimit"].startswith('"site";r=3')
            assert client.get("/").headers["RateLimit"].startswith('"site";r=2')


def test_applications_on_one_server_count_apart(tmp_path: Path) -> None:
    """The name of a limit is often the same, as that of one without a name is."""
    with RedisServer() as server, Redis(unix_socket_path=str(server.socket)) as redis:
        made = on_redis(server.url)
        other = {**made, "pyproject.toml": "[project]\nname = 'other'\n"}
        for folder, files in (("shop", made), ("other", other)):
            with served(tmp_path / folder, files) as client:
                assert client.get("/").headers["RateLimit"].startswith('"site";r=3')
        assert len(redis.keys()) == 2


def test_a_key_that_a_client_chooses(client: Client) -> None:
    """A long key counts as a whole, and takes no more memory than a short one."""
    long = "k" * 5000
    users = [f"{long}a", f"{long}b", f"{long}a", f"{long}a", f"{long}b", f"{long}b"]

    def get(number: int, user: str) -> int:
        ip = f"10.0.0.{number}"
        return client.get("/user", **{"X-Forwarded-For": ip, "X-User": user}).status

    given = [get(number, user) for number, user in enumerate(users)]
    assert given == [200, 200, 200, 429, 200, 429]


@pytest.mark.parametrize("store", ["local", "redis"])
def test_half_of_a_surrogate_pair_counts(tmp_path: Path, store: str) -> None:
    """JSON can have one, such as in the name of a user who logs in."""
    with both(tmp_path / "shop", store) as client:
        given = [client.get("/half").status for _ in range(3)]
    assert given == [200, 200, 429]


@pytest.mark.parametrize(
    ("router", "line"),
    [
        ("(3, '1m', name='site')", "the name 'site' belongs to ratelimit.limits[0]"),
        ("(4, '1d', name='site')", ""),
        ("(4, '1d', name='a'), app.rate_limit(4, '1h', name='a')", "belongs to rate_limit 'a', a"),
        ("(4, '1d', name='a'), app.rate_limit(4, 86400, name='a', by='all')", ""),
    ],
)  # fmt: skip
def test_limits_of_one_name_are_the_same(tmp_path: Path, router: str, line: str) -> None:
    """Such limits share their counts, which would have no meaning with other numbers."""
    made = files()
    made["app/router.py"] = (
        f"def router(app):\n    app.get('/', app.rate_limit{router}, lambda ctx: 'a')\n"
    )
    if not line:
        loaded(tmp_path / "shop", made)
        return
    with pytest.raises(EggError, match=re.escape(line)):
        loaded(tmp_path / "shop", made)


@pytest.mark.parametrize(
    ("limits", "line"),
    [
        ("{'limit': 1, 'window': 1, 'by': lambda a, b: ''}", "'b' (define it: def by(ctx))"),
        ("{'limit': 0, 'window': 1}", "limits[0].limit must be a whole number from 1"),
        ("{'limit': 1, 'window': 0}", "limits[0].window must be 0.001 to 86400 seconds"),
        ("{'limit': 1, 'window': '2d'}", "text from '1ms' to '1d', not '2d'"),
        ("{'limit': 1}", "ratelimit.limits[0].window must be above 0"),
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
        ("'keys': 10", "ratelimit.keys must be a whole number from 1024 to 16777216, not"),
        ("'store': 'redis'", "ratelimit.redis: 'ratelimit': unknown client"),
        ("'store': 'mongo'", "ratelimit.store must be"),
    ],
)
def test_a_wrong_store_is_an_error_at_the_start(tmp_path: Path, store: str, line: str) -> None:
    with pytest.raises(EggError, match=re.escape(line)):
        loaded(tmp_path / "shop", files(store))


@pytest.mark.parametrize(
    ("name", "code", "plugin"),
    [
        ("app/router.py", "def router(app):\n    app.rate_limit(1, 1, name='a')\n", "ratelimit"),
        ("app.py", HOOK, "redis"),
    ],
)
def test_a_member_of_a_plugin_that_is_off(
    tmp_path: Path, name: str, code: str, plugin: str
) -> None:
    """The error says how to switch it on."""
    hint = f"(plugin {plugin} is off: set {plugin} = True in config/plugin.py)"
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", {name: code})
    assert caught.value.line.endswith(f"has no attribute '{HAS[plugin]}' {hint}")


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
