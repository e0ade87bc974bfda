"""The section `development` of the config."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eggd import ConfigError, ReloadPolicy, sources


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentConfig:
    """Which changed files reload the workers during development."""

    watch_dirs: list[str] = field(default_factory=list)
    """Directories and files to watch in addition to the defaults, relative to the app."""
    ignore_dirs: list[str] = field(default_factory=list)
    """Directories and files to ignore in addition to the defaults."""
    reload_pattern: list[str] = field(default_factory=list)
    """Globs of paths that cause a reload; `!` excludes. Without globs every path does."""
    override_default: bool = False
    """Watch only `watch_dirs`."""
    override_ignore: bool = False
    """Ignore only `ignore_dirs`."""
    reload_on_debug: bool = True
    """If false, nothing is reloaded, so that a debugger keeps its process."""
    fast_ready: bool = False
    """Let a worker serve before its `did_load` and `will_ready` hooks are done."""

    def __post_init__(self) -> None:
        for name in ("watch_dirs", "ignore_dirs", "reload_pattern"):
            if not all(getattr(self, name)):
                raise ConfigError(f"development.{name} must not contain an empty string")

    def policy(self, base_dir: Path) -> ReloadPolicy:
        """Returns the reload policy of the app at `base_dir`; searches its folders for code."""
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
