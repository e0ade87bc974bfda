"""Fixtures: a Redis server, and suites on this machine that stand for hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.redis_server import RedisServer
from tests.fleet.hosts import CONFIG, PLUGINS, SHIFTED, Host

StartHosts = Callable[..., list[Host]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder starts real processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def start_hosts(redis: RedisServer, tmp_path: Path) -> Iterator[StartHosts]:
    """Returns a function that starts hosts `names` of an app, whose clocks differ by `shifts`.

    `urls` are those of the server for each host, by default the same.
    """
    with ExitStack() as stack:

        def start(
            files: dict[str, str],
            shifts: tuple[float, ...] = (0.0, 0.0),
            workers: int = 1,
            names: str = "abc",
            urls: Sequence[str] = (),
        ) -> list[Host]:
            common = {
                "config/config_default.py": CONFIG,
                "config/plugin.py": PLUGINS,
                "agent.py": SHIFTED,
            }
            app = make_app(tmp_path / "shop", {**common, **files})
            hosts = [
                Host(name, app, workers, shift, url, tmp_path)
                for name, shift, url in zip(names, shifts, urls or [redis.url] * 3, strict=False)
            ]
            return [stack.enter_context(host) for host in hosts]

        yield start
