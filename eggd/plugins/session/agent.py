"""The agent removes expired sessions from the file of the SQLite store."""

from __future__ import annotations

import asyncio

from eggd import Agent, Boot
from eggd.plugins.session.section import SessionConfig
from eggd.plugins.session.stores import StoreDownError
from eggd.plugins.session.stores.opening import database


class SessionAgent(Boot[Agent]):
    """Sweeps once at the start, then every `session.sqlite.sweep_interval`."""

    _sweeping: asyncio.Task[None] | None = None

    async def did_ready(self, error: Exception | None = None) -> None:
        """Starts to sweep, if the config names this store."""
        if error is None and self.config.session.store == "sqlite":
            self._sweeping = asyncio.create_task(self._sweep(self.config.session))

    async def before_close(self) -> None:
        """Ends it."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait([self._sweeping])

    async def _sweep(self, options: SessionConfig) -> None:
        from eggd.plugins.session.stores.sqlite import SqliteStore

        config, log = self.config, self.app.core_logger
        store = SqliteStore(database(config.base_dir, config.rundir, options), options.sqlite, log)
        try:
            while True:
                try:
                    if removed := await store.sweep():
                        log.info("[session] removed %d expired sessions", removed)
                except StoreDownError:
                    pass  # the store has reported it
                await asyncio.sleep(options.sqlite.sweep_interval)
        finally:
            await store.close()
