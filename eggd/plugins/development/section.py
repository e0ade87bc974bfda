"""The section `development` of the config (core:DEV-1, DEV-6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eggd import ConfigError, ReloadPolicy, sources


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentConfig:
    """What makes the workers start anew while somebody writes the app."""

    watch_dirs: list[str] = field(default_factory=list)
    """Folders and files that are watched beside the defaults; relative ones start at the app."""
    ignore_dirs: list[str] = field(default_factory=list)
    """Folders and files in them that do not count, beside the defaults."""
    reload_pattern: list[str] = field(default_factory=list)
    """Globs of the paths that count, `!` in front of what does not; without any, all count."""
    override_default: bool = False
    """Watch `watch_dirs` alone."""
    override_ignore: bool = False
    """Ignore `ignore_dirs` alone."""
    reload_on_debug: bool = True
    """False: nothing is reloaded, so that a debugger keeps its process."""
    fast_ready: bool = False
    """Let a worker serve before its `did_load` and `will_ready` hooks are done."""

    def __post_init__(self) -> None:
        for name in ("watch_dirs", "ignore_dirs", "reload_pattern"):
            if not all(getattr(self, name)):
                raise ConfigError(f"development.{name} must not hold an empty text")

    def policy(self, base_dir: Path) -> ReloadPolicy:
        """Returns which paths count in the app at `base_dir`; searches its folders for code."""
        policy = ReloadPolicy.of(
            str(base_dir),
            watch_dirs=self.watch_dirs,
            ignore_dirs=self.ignore_dirs,
            reload_pattern=self.reload_pattern,
            override_default=self.override_default,
            override_ignore=self.override_ignore,
        )
        if self.override_default:
            return policy
        return policy.with_sources(sources(str(base_dir), policy.roots))
