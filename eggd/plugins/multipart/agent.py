"""The agent removes files of killed workers, and old ones."""

from __future__ import annotations

import asyncio
import time

from eggd import Agent, Boot
from eggd.plugins.multipart.cleaning import clean
from eggd.plugins.multipart.folder import folder_of
from eggd.plugins.multipart.section import CleanSchedule


class MultipartAgent(Boot[Agent]):
    """Cleans once at the start, then every `multipart.clean_schedule.interval`."""

    _cleaning: asyncio.Task[None] | None = None

    async def did_ready(self, error: Exception | None = None) -> None:
        """Starts to clean, unless it is disabled."""
        schedule: CleanSchedule = self.config.multipart.clean_schedule
        if error is None and not schedule.disable:
            self._cleaning = asyncio.create_task(self._clean(schedule))

    async def before_close(self) -> None:
        """Ends it."""
        if self._cleaning is not None:
            self._cleaning.cancel()
            await asyncio.wait([self._cleaning])

    async def _clean(self, schedule: CleanSchedule) -> None:
        config, log = self.config, self.app.core_logger
        folder = folder_of(config.base_dir, self.app.name, config.multipart.tmpdir)
        while True:
            try:
                removed = await asyncio.to_thread(clean, folder, time.time() - schedule.max_age)
                if removed:
                    log.info("[multipart] removed %d files of %s", removed, folder)
            except OSError as exc:
                log.warning("[multipart] %s cannot be cleaned: %s", folder, exc)
            await asyncio.sleep(schedule.interval)
