"""The renamed files: compressed, and no more than they may take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from eggd import Logger, in_thread
from eggd.plugins.logrotator.compression import Compressor
from eggd.plugins.logrotator.rotated import RotatedFile, rotated_files
from eggd.plugins.logrotator.section import LogrotatorConfig


class Storage:
    """Compresses renamed files, and removes the oldest of them."""

    def __init__(
        self, options: LogrotatorConfig, log: Logger, is_stopped: Callable[[], bool]
    ) -> None:
        """Raises ConfigError for a compression that needs a missing module."""
        suffix = ".gz" if options.gzip else ".zst" if options.zstd else ""
        self._compressor = Compressor(suffix, is_stopped) if suffix else None
        self._is_stopped = is_stopped
        self._most = options.max_total_size
        self._log = log
        self._waiting: set[Path] = set()
        """Files whose writer was named in a warning."""

    async def compress(self, file: Path) -> Path:
        """Returns the compressed file, or the plain one: without `gzip` and `zstd`, while a process
        writes to it, and if it cannot be compressed; the last two are logged."""
        compressor = self._compressor
        if compressor is None:
            return file
        try:
            packed = await in_thread(lambda: compressor(file))
        except OSError as exc:
            self._log.error("[logrotator] cannot compress %s: %s", file, exc.strerror)
            return file
        if packed is None:
            if not self._is_stopped():
                self._report(file)
            return file
        self._waiting.discard(file)
        return packed

    async def tend(self, files: Iterable[Path]) -> None:
        """Compresses what is still plain of the renamed files of `files`, and removes the oldest
        beyond the limit."""
        rotated = rotated_files(files, self._log.error)
        for each in rotated:
            if self._is_stopped():
                return
            if each.is_part:
                self.remove(each.path)
            elif not each.is_packed:
                await self.compress(each.path)
        if self._most:
            self._shrink(rotated_files(files, self._log.error))

    def remove(self, path: Path) -> bool:
        """Removes a file, and logs it; returns whether that was possible."""
        try:
            path.unlink()
        except OSError as exc:
            self._log.error("[logrotator] cannot remove %s: %s", path, exc.strerror)
            return False
        self._log.info("[logrotator] removed %s", path)
        return True

    def _shrink(self, rotated: list[RotatedFile]) -> None:
        total = sum(each.size for each in rotated)
        for each in sorted(rotated, key=lambda each: each.modified):
            if total <= self._most:
                return
            if self.remove(each.path):
                total -= each.size

    def _report(self, file: Path) -> None:
        if file not in self._waiting:
            self._waiting.add(file)
            self._log.warning("[logrotator] %s is not compressed yet: a process writes to it", file)
