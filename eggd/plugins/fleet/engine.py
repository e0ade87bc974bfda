"""The stream of messages on a Redis or Valkey server, with the cursors and the hosts.

eggd:fleet:{APP/ENV}:stream    entries of n (a number without gaps) and d (records as JSON)
eggd:fleet:{APP/ENV}:number    the last n
eggd:fleet:{APP/ENV}:cursors   by host: its place (id and n of an entry), and when, as JSON
eggd:fleet:{APP/ENV}:hosts     by host: what it publishes about itself, as JSON
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")

BLOCK = 1000
"""Milliseconds that a read waits for entries; less than the client's time-out."""
MOST_ENTRIES = 200
"""Entries of one read."""
HOST_AGE = 15
"""Seconds without a publication after which a host leaves the list."""

_ADD = """
for i = 3, #ARGV do
    local n = redis.call('INCR', KEYS[2])
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'n', n, 'd', ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return #ARGV
"""
_SAVE = """
local t = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode({id = ARGV[2], at = tonumber(t[1])}))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
_LOAD = """
local t, text = redis.call('TIME'), redis.call('HGET', KEYS[1], ARGV[1])
local cursor = text and cjson.decode(text)
if cursor and t[1] - cursor.at < tonumber(ARGV[2]) then return cursor.id end
return ''
"""
_PUBLISH = """
local t = redis.call('TIME')
local now, hosts, before = tonumber(t[1]) + t[2] / 1000000, {}, redis.call('HGET', KEYS[1], ARGV[1])
before = before and cjson.decode(before).id or ''
if ARGV[2] == '' then
    redis.call('HDEL', KEYS[1], ARGV[1])
else
    local about = cjson.decode(ARGV[2])
    about.seen = now
    redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(about))
    redis.call('PEXPIRE', KEYS[1], 86400000)
end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
    local about = cjson.decode(all[i + 1])
    if now - about.seen > tonumber(ARGV[3]) then
        redis.call('HDEL', KEYS[1], all[i])
    else
        about.id = nil
        hosts[#hosts + 1] = about
    end
end
return cjson.encode({before, #hosts > 0 and cjson.encode(hosts) or '[]'})
"""

Entry = tuple[str, int, str]
"""Id, number and records as JSON."""


class Client(Protocol):
    """A client of plugin redis, as far as this plugin uses it."""

    def eval(self, script: str, numkeys: int, *keys_and_args: str | int) -> Awaitable[object]:
        """Runs a Lua script."""
        ...

    def xread(
        self, streams: Mapping[str, str], count: int, block: int
    ) -> Awaitable[Sequence[tuple[object, Sequence[Sequence[object]]]]]:
        """Returns the entries after the ids."""
        ...

    def xrevrange(self, name: str, count: int) -> Awaitable[Sequence[Sequence[object]]]:
        """Returns the last entries."""
        ...


class Engine:
    """The server. Every method raises as the client if it does not answer."""

    def __init__(self, client: Client, application: str, backlog: int, keep: float) -> None:
        """`application` is its name and environment."""
        self._client = client
        self._backlog, self._keep = backlog, round(keep)
        tag = f"eggd:fleet:{{{application}}}"
        self._stream, self._number = f"{tag}:stream", f"{tag}:number"
        self._cursors, self._hosts = f"{tag}:cursors", f"{tag}:hosts"

    async def add(self, payloads: Sequence[str]) -> None:
        """Adds entries: all of them or, after an error, perhaps all of them."""
        keys = self._stream, self._number
        await self._answer(
            self._client.eval(_ADD, 2, *keys, self._backlog, self._keep * 1000, *payloads)
        )

    async def read(self, cursor: str) -> list[Entry]:
        """Returns the entries after an id; waits for them for a second."""
        streams = {self._stream: cursor}
        answer = await self._answer(self._client.xread(streams, count=MOST_ENTRIES, block=BLOCK))
        if not answer:
            return []
        # A list of pairs of stream and entries, because the client speaks RESP2.
        return [_entry(each) for _, entries in answer for each in entries]

    async def last(self, count: int) -> list[str]:
        """Returns the ids of the last entries, newest first."""
        entries = await self._answer(self._client.xrevrange(self._stream, count=count))
        return [_text(each[0]) for each in entries]

    async def load_cursor(self, host: str) -> str:
        """Returns the place that a host has noted; empty if it was away for too long."""
        return _text(await self._eval(_LOAD, self._cursors, host, self._keep))

    async def save_cursor(self, host: str, cursor: str) -> None:
        """Notes the place up to which a host has read."""
        await self._eval(_SAVE, self._cursors, host, cursor, self._keep * 1000)

    async def publish(
        self, host: str, about: Mapping[str, object] | None
    ) -> tuple[str, list[dict[str, object]]]:
        """Publishes a host, or removes it.

        Returns the `id` of what was published under its name before ("" for nothing), and the hosts
        that are there, without their ids.
        """
        text = "" if about is None else json.dumps(about)
        answer = await self._eval(_PUBLISH, self._hosts, host, text, HOST_AGE)
        before, text = json.loads(_text(answer))
        hosts: list[dict[str, object]] = json.loads(text)
        return str(before), hosts

    async def _eval(self, script: str, key: str, *args: str | int) -> object:
        return await self._answer(self._client.eval(script, 1, key, *args))

    async def _answer(self, command: Awaitable[T]) -> T:
        """Awaits a command, also if the caller is cancelled: the connection stays in step."""
        answer = asyncio.ensure_future(command)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            answer.add_done_callback(_forget)  # it fails if the client closes first
            raise


def _forget(answer: asyncio.Future[T]) -> None:
    """Takes the outcome of a command whose caller was cancelled: asyncio reports it else."""
    if not answer.cancelled():
        answer.exception()


def _entry(entry: Sequence[object]) -> Entry:
    identity, fields = entry
    assert isinstance(fields, Mapping)
    values = {_text(key): _text(value) for key, value in fields.items()}
    return _text(identity), int(values["n"]), values["d"]


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
