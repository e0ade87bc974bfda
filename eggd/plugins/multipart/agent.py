"""The agent removes files of killed workers, and old ones."""

from __future__ import annotations

import asyncio
import time

from eggd import Agent, Boot, EggError
from eggd.plugins.multipart.cleaning import clean
from eggd.plugins.multipart.folder import folder_of


class MultipartAgent(Boot[Agent]):
    """Cleans once at the start, then every `multipart.clean_schedule.interval`."""

    _cleaning: asyncio.Task[None] | None = None

    async def did_ready(self, error: Exception | None = None) -> None:
        """Starts to clean, unless it is disabled."""
        if error is None and not self.config.multipart.clean_schedule.disable:
            self._begin()

    async def before_close(self) -> None:
        """Ends it; the agent drops its timers itself."""
        if self._cleaning is not None:
            self._cleaning.cancel()
            await asyncio.wait([self._cleaning])

    def _begin(self) -> None:
        self._cleaning = asyncio.create_task(self._clean())

    async def _clean(self) -> None:
        options, log = self.config.multipart, self.app.core_logger
        folder = folder_of(self.config.base_dir, self.app.name, options.tmpdir)
        before = time.time() - options.clean_schedule.max_age
        try:
            removed = await asyncio.to_thread(clean, folder, before)
            if removed:
                log.info("[multipart] removed %d files of %s", removed, folder)
        except (OSError, EggError) as exc:
            log.warning("[multipart] %s cannot be cleaned: %s", folder, exc)
        self.app.timers.after(options.clean_schedule.interval, self._begin)
