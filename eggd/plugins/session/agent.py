"""The agent removes expired sessions from the file of the SQLite store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from eggd import Agent, Boot
from eggd.plugins.session.stores import StoreDownError
from eggd.plugins.session.stores.opening import database

if TYPE_CHECKING:
    from eggd.plugins.session.stores.sqlite import SqliteStore


class SessionAgent(Boot[Agent]):
    """Sweeps once at the start, then every `session.sqlite.sweep_interval`."""

    _store: SqliteStore | None = None
    _sweeping: asyncio.Task[None] | None = None

    async def did_ready(self, error: Exception | None = None) -> None:
        """Starts to sweep, if the config names this store."""
        config, options = self.config, self.config.session
        if error is None and options.store == "sqlite":
            from eggd.plugins.session.stores.sqlite import SqliteStore

            file = database(config.base_dir, config.rundir, options)
            self._begin(SqliteStore(file, options.sqlite, self.app.core_logger))

    async def before_close(self) -> None:
        """Ends it; the agent drops its timers itself."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait([self._sweeping])
        if self._store is not None:
            await self._store.close()

    def _begin(self, store: SqliteStore) -> None:
        self._store = store
        self._sweeping = asyncio.create_task(self._sweep(store))

    async def _sweep(self, store: SqliteStore) -> None:
        try:
            if removed := await store.sweep():
                self.app.core_logger.info("[session] removed %d expired sessions", removed)
        except StoreDownError:
            pass  # the store has reported it
        interval = self.config.session.sqlite.sweep_interval
        self.app.timers.after(interval, lambda: self._begin(store))
