"""The section `logrotator` of the config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from eggd import Between, Bytes, ConfigError, Seconds

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LogrotatorConfig:
    """When log files are renamed, and how long renamed files are kept (process:ROT-1)."""

    disable_rotate_by_day: bool = False
    """Do not rename files at midnight; old files are still removed."""
    files_rotate_by_hour: Sequence[str] = ()
    """Files renamed at minute 1 of each hour, not at midnight; relative ones are in `logger.dir`
    (process:ROT-4)."""
    hour_delimiter: str = "-"
    """The text between date and hour in the new name: `web.log.2026-11-29-13`."""
    files_rotate_by_size: Sequence[str] = ()
    """Files renamed when they are too large, not at midnight; likewise (process:ROT-5)."""
    max_file_size: Annotated[Bytes, Between(1, 1 << 44)] = 50 * MIB
    """The size at which a file of `files_rotate_by_size` is renamed."""
    max_files: Annotated[int, Between(1, 10_000)] = 10
    """The most renamed files that are kept of a file of `files_rotate_by_size`."""
    rotate_duration: Annotated[Seconds, Between(1, 86_400)] = 60
    """The time between two checks of the sizes."""
    max_days: Annotated[int, Between(0, 36_500)] = 31
    """Days to keep a file whose new name has a date; 0 keeps all."""
    max_total_size: Annotated[Bytes, Between(0, 1 << 50)] = 0
    """The most that all renamed files may take; beyond it the oldest are removed. 0: no limit."""
    gzip: bool = False
    """Compress renamed files, to names that end in .gz, once no process writes to them."""
    zstd: bool = False
    """The same with Zstandard, to .zst; needs Debian's python3-zstandard."""

    def __post_init__(self) -> None:
        """Refuses values that no file could be rotated with."""
        if not self.hour_delimiter or set("/.\0\n") & set(self.hour_delimiter):
            raise ConfigError(
                f"logrotator.hour_delimiter must be text without / and dots,"
                f" not {self.hour_delimiter!r}"
            )
        if self.gzip and self.zstd:
            raise ConfigError("logrotator.gzip and logrotator.zstd are both on", hint="choose one")

    def by_hour(self, log_dir: Path) -> list[Path]:
        """Returns the paths of `files_rotate_by_hour`, each once."""
        return _paths(self.files_rotate_by_hour, log_dir)

    def by_size(self, log_dir: Path) -> list[Path]:
        """Returns the paths of `files_rotate_by_size`, each once. Raises ConfigError for one that
        is rotated by hour, too."""
        files = _paths(self.files_rotate_by_size, log_dir)
        for file in set(files) & set(self.by_hour(log_dir)):
            raise ConfigError(
                f"logrotator: {file} is in files_rotate_by_hour and in files_rotate_by_size",
                hint="remove it from one of them",
            )
        return files


def _paths(names: Sequence[str], log_dir: Path) -> list[Path]:
    return list(dict.fromkeys(log_dir / name for name in names))
