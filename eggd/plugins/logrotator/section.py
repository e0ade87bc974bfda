"""The section `logrotator` of the config."""

from __future__ import annotations

from dataclasses import dataclass

from eggd import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class LogrotatorConfig:
    """Whether log files are renamed every night, and how long renamed files are kept."""

    disable_rotate_by_day: bool = False
    """Do not rename files at midnight; old files are still removed."""
    max_days: int = 31
    """Days to keep a renamed file; 0 keeps all."""

    def __post_init__(self) -> None:
        if self.max_days < 0:
            raise ConfigError(f"logrotator.max_days must be 0 or more, not {self.max_days!r}")
