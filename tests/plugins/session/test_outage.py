"""A served app whose Redis server is stopped and started: what clients get, and what is logged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from eggd.testing.redis_server import RedisServer
from tests.plugins.session.test_session import ON, logged, on_redis, visited
from tests.plugins.session.visitor import Visitor

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


def cookie(visitor: Visitor) -> dict[str, str]:
    return {"Cookie": f"EGG_SESS={visitor.cookies['EGG_SESS']}"}


def test_an_outage_of_redis_fails_only_what_needs_it(tmp_path: Path, redis: RedisServer) -> None:
    """The log has one line for each outage, and one for its end (known:KW-16)."""
    with visited(tmp_path, *on_redis(redis.url), **ON) as visitor:
        client = visitor.client
        visitor.ask("/put", {"user": "ada"})
        headers = cookie(visitor)
        for outages in (1, 2):
            redis.stop()
            for _ in range(5):
                answer = client.get("/show", **headers)
                assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
                assert "the session store cannot be reached" in answer.text
                assert client.get("/without", **headers).text == "none"
                assert client.get("/show").text == "{}"
                assert client.get("/untouched").status == 200
                assert client.ask("POST", "/put", b'{"a": 1}', JSON).status == 503
            redis.start()
            assert client.get("/show", **headers).text == "{}"  # this server keeps nothing
            visitor.ask("/put", {"user": "bob"})
            headers = cookie(visitor)
            assert visitor.ask("/show") == {"user": "bob"}
            lines = (client.log_dir / "egg-web.log").read_text()
            assert lines.count(") is down: ") == lines.count("is back after") == outages
        assert "Traceback" not in logged(visitor)
        errors = (client.log_dir / "common-error.log").read_text()
        assert (errors.count("ERROR"), "503 HttpError" in errors) == (2, False)


def test_a_redis_that_refuses_to_save_is_one_line(tmp_path: Path, redis: RedisServer) -> None:
    """Sessions are read as before; what cannot be saved is 503."""
    with visited(tmp_path, *on_redis(redis.url), **ON) as visitor:
        client = visitor.client
        visitor.ask("/put", {"user": "ada"})
        headers = cookie(visitor)
        with Redis(unix_socket_path=str(redis.socket)) as server:
            server.config_set("maxmemory", "1")
            for _ in range(5):
                assert client.ask("POST", "/put", b'{"a": 1}', JSON).status == 503
                assert client.get("/show", **headers).status == 200
            server.config_set("maxmemory", "0")
        assert client.ask("POST", "/put", b'{"a": 1}', JSON).status == 200
        errors = (client.log_dir / "common-error.log").read_text()
        assert errors.count("ERROR") == errors.count("refuses commands: OOM") == 1
