"""Clients outside of an app, and the lines that they log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from eggd.config.section import coerce
from eggd.log import Logger
from eggd.plugins.redis import RedisClients
from eggd.plugins.redis.section import RedisConfig

Opened = Callable[..., AbstractAsyncContextManager[RedisClients]]


class Lines(list[str]):
    """A logger that keeps its lines."""

    def error(self, text: str, *values: object) -> None:
        self.append(text % values)

    info = error


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def opened(lines: Lines, tmp_path: Path) -> Opened:
    """Returns `opened(name=options, ...)`: the clients, until the block ends."""

    @asynccontextmanager
    async def opened(**clients: dict[str, Any]) -> AsyncIterator[RedisClients]:
        config = coerce(RedisConfig, {"clients": clients}, ("redis",), str)
        made = RedisClients(config, tmp_path, lambda: cast("Logger", lines))
        try:
            yield made
        finally:
            await made.close()

    return opened
