"""The stores of sessions: one contract for memory, SQLite and Redis."""

from __future__ import annotations

import asyncio
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from eggd.log import Logger
from eggd.plugins.redis import RedisClients
from eggd.plugins.redis.section import RedisClientOptions, RedisConfig
from eggd.plugins.session.section import SqliteOptions
from eggd.plugins.session.stores import SessionStore, StoreDownError
from eggd.plugins.session.stores.memory import MOST, MemoryStore
from eggd.plugins.session.stores.redis import RedisStore
from eggd.plugins.session.stores.sqlite import SqliteStore
from eggd.testing.redis_server import RedisServer
from tests.program import Program

ENTRY = {"user": 7, "name": "Zoë", "_expire": 1700000000000, "_maxAge": 86400000}


class Lines:
    """A logger that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, text: str, *values: object) -> None:
        self.lines.append(text % values)

    info = error


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def lines() -> Lines:
    return Lines()


class OwnedStore(RedisStore):
    """A store with clients of its own."""

    def __init__(self, server: RedisServer, lines: Lines, **options: Any) -> None:
        config = RedisClientOptions(url=server.url, **options)
        log = cast("Logger", lines)
        self.clients = RedisClients(RedisConfig(clients={"a": config}), Path(), lambda: log)
        client, replicas = self.clients.get("a"), options.get("replicas", 0)
        super().__init__(client, replicas, 1.0, lambda: self.clients.problem("a"))

    async def close(self) -> None:
        await self.clients.close()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def make(
    request: pytest.FixtureRequest, tmp_path: Path, redis: RedisServer, lines: Lines
) -> Callable[[], Any]:
    """Makes a store of one kind; of two, both use the same file or server."""
    log = cast("Logger", lines)
    kinds: dict[str, Callable[[], Any]] = {
        "memory": MemoryStore,
        "sqlite": lambda: SqliteStore(tmp_path / "sessions.sqlite", SqliteOptions(), log),
        "redis": lambda: OwnedStore(redis, lines),
    }
    return kinds[request.param]


@asynccontextmanager
async def opened(store: Any) -> Any:
    try:
        yield store
    finally:
        if hasattr(store, "close"):
            await store.close()


def test_an_entry_is_kept_replaced_and_destroyed(make: Callable[[], Any]) -> None:
    """The contract of process:SES-20; a store hands out copies, never its own entry."""

    async def use() -> None:
        async with opened(make()) as store:
            assert await store.get("a") is None
            await store.set("a", ENTRY, 60)
            found = await store.get("a")
            assert found == ENTRY
            found["user"] = 8
            assert await store.get("a") == ENTRY
            await store.set("a", {"user": 9}, None)
            await store.set("b", ENTRY, 60)
            assert await store.get("a") == {"user": 9}
            await store.destroy("a")
            await store.destroy("a")
            assert (await store.get("a"), await store.get("b")) == (None, ENTRY)

    asyncio.run(use())


def test_an_expired_entry_is_gone(make: Callable[[], Any]) -> None:
    async def use() -> None:
        async with opened(make()) as store:
            await store.set("short", ENTRY, 0.001)
            while await store.get("short") is not None:  # noqa: ASYNC110  # time itself is awaited
                await asyncio.sleep(0)

    asyncio.run(use())


def test_memory_keeps_no_more_than_it_says() -> None:
    async def use() -> None:
        store = MemoryStore()
        for number in range(MOST + 1):
            await store.set(str(number), {}, 60)
        assert await store.get("0") is None
        assert await store.get("1") == {}

    asyncio.run(use())


def sqlite(folder: Path, lines: Lines, **options: Any) -> SqliteStore:
    config = SqliteOptions(**options)
    return SqliteStore(folder / "sessions.sqlite", config, cast("Logger", lines))


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def test_sqlite_file_belongs_to_its_user_alone(tmp_path: Path, lines: Lines) -> None:
    """An id opens the session: other users must not read it."""

    async def use() -> None:
        async with opened(sqlite(tmp_path, lines)) as store:
            await store.set("a", ENTRY, 60)
            assert modes(tmp_path) == {
                "sessions.sqlite": 0o600,
                "sessions.sqlite-shm": 0o600,
                "sessions.sqlite-wal": 0o600,
            }

    asyncio.run(use())


def test_sqlite_sweeps_what_has_expired(tmp_path: Path, lines: Lines) -> None:
    async def use() -> None:
        async with opened(sqlite(tmp_path, lines)) as store:
            for number in range(1500):
                await store.set(f"old {number}", {}, -1)
            await store.set("new", ENTRY, 60)
            assert (await store.sweep(), await store.sweep()) == (1500, 0)
            assert await store.get("new") == ENTRY

    asyncio.run(use())


LOCKER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process writes to the file meanwhile."""
    command, pipe = [sys.executable, "-c", LOCKER, str(file)], subprocess.PIPE
    with Program(command, stdin=pipe, stdout=pipe, text=True) as locker:
        assert locker.stdout is not None
        assert locker.stdout.readline() == "locked\n"
        yield
        locker.communicate()


def test_sqlite_tells_an_outage_once_and_recovers(tmp_path: Path, lines: Lines) -> None:
    """While another process writes, reads are answered, writes wait for a time (known:KW-15)."""

    async def use() -> None:
        async with opened(sqlite(tmp_path, lines, timeout=0.01)) as store:
            await store.set("a", ENTRY, 60)
            with locked(tmp_path / "sessions.sqlite"):
                for _ in range(3):
                    with pytest.raises(StoreDownError, match="database is locked"):
                        await store.set("a", {}, 60)
                assert len(lines.lines) == 1
                assert "is down: database is locked" in lines.lines[0]
                assert await store.get("a") == ENTRY
            await store.set("a", {}, 60)
            assert "is back after" in lines.lines[-1]

    asyncio.run(use())


@pytest.mark.parametrize("what", ["a folder", "no database", "a link"])
def test_sqlite_file_that_cannot_be_used_is_an_outage(
    tmp_path: Path, lines: Lines, what: str
) -> None:
    file = tmp_path / "sessions.sqlite"
    if what == "a folder":
        file.mkdir()
    elif what == "no database":
        file.write_text("not a database, but long enough to look like one" * 50)
    else:
        file.symlink_to("/etc/passwd")

    async def use() -> None:
        async with opened(sqlite(tmp_path, lines)) as store:
            with pytest.raises(StoreDownError, match=r"sessions\.sqlite"):
                await store.get("a")

    asyncio.run(use())
    assert len(lines.lines) == 1


async def outage(store: SessionStore) -> None:
    for _ in range(3):
        with pytest.raises(StoreDownError):
            await store.get("a")


def test_redis_outage_is_reported_once_and_ends_by_itself(lines: Lines) -> None:
    async def use() -> None:
        with RedisServer() as server:
            async with opened(OwnedStore(server, lines)) as store:
                await store.set("a", ENTRY, 60)
                server.stop()
                await outage(store)
                assert len(lines.lines) == 1
                assert ") is down: " in lines.lines[0]
                server.start()
                assert await store.get("a") is None
                assert "is back after" in lines.lines[-1]

    asyncio.run(use())


def test_redis_that_hangs_is_an_outage_and_mixes_up_no_answers(lines: Lines) -> None:
    """A late answer must not reach the next command; nor that of a cancelled one."""

    async def use() -> None:
        with RedisServer() as server:
            config = {"timeout": 0.2, "max_connections": 1}
            async with opened(OwnedStore(server, lines, **config)) as store:
                await store.set("mine", {"user": "me"}, 60)
                await store.set("yours", {"user": "you"}, 60)
                with server.paused():
                    with pytest.raises(StoreDownError):
                        await store.get("mine")
                assert await store.get("yours") == {"user": "you"}
                for _ in range(50):
                    await cancelled(store.get("mine"))
                    assert await store.get("yours") == {"user": "you"}

    asyncio.run(use())


async def cancelled(command: Awaitable[object]) -> None:
    """Sends a command and cancels it before its answer is read."""
    task = asyncio.ensure_future(command)
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])


def test_redis_ends_an_entry_without_lifetime(redis: RedisServer, lines: Lines) -> None:
    """A session of the browser's own is not kept for ever (known:KW-14)."""

    async def use() -> None:
        async with opened(OwnedStore(redis, lines)) as store:
            await store.set("browser", ENTRY, None)
            assert 86_000 < await store.clients.get("a").ttl("browser") <= 86_400

    asyncio.run(use())


@pytest.mark.parametrize("value", ["no JSON", "[1]", "7", "[" * 100_000])
def test_redis_value_that_is_no_session_is_none(
    redis: RedisServer, lines: Lines, value: str
) -> None:
    async def use() -> None:
        async with opened(OwnedStore(redis, lines)) as store:
            await store.clients.get("a").set("odd", value)
            assert await store.get("odd") is None

    asyncio.run(use())
