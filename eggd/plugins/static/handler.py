"""Answers the requests of one prefix (core:ST-1..5)."""

from __future__ import annotations

import os
from typing import NamedTuple

from eggd import Context, Next
from eggd.plugins.static.accel import Accel
from eggd.plugins.static.cache_policy import IMMUTABLE, OTHER_RELEASE, CachePolicy
from eggd.plugins.static.names import name_of, unhashed
from eggd.plugins.static.section import StaticConfig
from eggd.plugins.static.sending import Sender
from eggd.plugins.static.store import FileStore, Source


class _Answer(NamedTuple):
    source: Source
    cache_control: str


class FolderHandler:
    """Serves the files of a store below a prefix."""

    def __init__(self, prefix: str, store: FileStore, options: StaticConfig) -> None:
        self.prefix = prefix
        """The beginning of its paths."""
        self.store = store
        """Its files."""
        self._start = len(prefix)
        self._policy = CachePolicy(options)
        self._sender = Sender(store, Accel(options.accel, prefix))
        self._index = os.fsencode(options.index)
        self._alias = {os.fsencode(key): os.fsencode(name) for key, name in options.alias.items()}

    async def serve(self, ctx: Context, next: Next) -> None:
        """Sends the file of a path; a path without one goes on to middleware and routes."""
        name = self._name(ctx.exchange.path)
        answer = None if name is None else await self._find(name)
        if answer is not None:
            await self._sender.send(ctx, *answer)
        elif name is None or not self._index or not await self._redirect(ctx, name):
            await next()

    def _name(self, path: bytes) -> bytes | None:
        """Returns the name of the file that a raw path asks for, None without one."""
        name = name_of(path, self._start)
        if name is None:
            return None
        if name in self._alias:
            name = self._alias[name]
        if not name or name.endswith(b"/"):
            if not self._index:
                return None
            name += self._index
        return name

    async def _find(self, name: bytes) -> _Answer | None:
        parts = unhashed(name)
        if parts is None:
            source = await self.store.find(name)
            return None if source is None else _Answer(source, self._policy.of(name))
        base, digest = parts
        kept = self.store.kept(base)
        if kept is not None and kept.digest.startswith(digest):
            return _Answer(Source(kept), IMMUTABLE)
        if (source := await self.store.find(name)) is not None:  # a bundler's own hash
            return _Answer(source, self._policy.of(name))
        if (source := await self.store.find(base)) is None:
            return None
        is_same = source.stored.digest.startswith(digest)
        return _Answer(source, IMMUTABLE if is_same else OTHER_RELEASE)

    async def _redirect(self, ctx: Context, name: bytes) -> bool:
        """Redirects from a folder with an index to its slash; returns whether it did."""
        index = await self.store.find(name + b"/" + self._index)
        if index is None:
            return False
        index.close()
        exchange = ctx.exchange
        query = b"?" + exchange.query if exchange.query else b""
        ctx.redirect((exchange.path + b"/" + query).decode("ascii"))
        ctx.status = 301
        return True
