"""The section `static` of the config."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from eggd import Between, Bytes, ConfigError, Seconds, check_function


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticConfig:
    """The folders whose files are served, and how long they are kept (core:ST-1, ST-2)."""

    prefix: str = "/public/"
    """The beginning of the paths, with a slash at both ends."""
    dir: str | Path | Sequence[object] = "app/public"
    """The folder, relative to the app's; or a list of folders, and of `{"prefix": ..., "dir": ...}`
    for those with a prefix of their own. Of several with the same prefix the first that has a file
    serves it."""
    dynamic: bool = True
    """Whether files that are added after the start are served."""
    preload: bool = False
    """Whether files are read into memory at the start; needs `buffer`."""
    buffer: bool = False
    """Whether files are kept in memory and not read again until the worker ends (prod: true)."""
    max_files: Annotated[int, Between(0, 1_000_000)] = 1000
    """Files that one worker keeps in memory, for each prefix; then the least recently used goes."""
    max_file: Annotated[Bytes, Between(0, 1 << 40)] = 1 << 20
    """Bytes of the largest file that is kept in memory; a larger one is read while it is sent."""
    max_memory: Annotated[Bytes, Between(0, 1 << 40)] = 64 << 20
    """Bytes of all files that one worker keeps in memory, for each prefix."""
    max_age: Annotated[Seconds, Between(0, 10 * 365 * 86_400)] = 0.0
    """Seconds that browsers and proxies may use a file without asking (prod: a year)."""
    cache_control: str = ""
    """The whole Cache-Control of every file, instead of `public, max-age=...`."""
    immutable: str | re.Pattern[str] = ""
    """A pattern of the names that never change their content, such as `[.-][0-9a-f]{8,}\\.`: they
    are kept for a year, and not asked for when a page is reloaded. URLs of `ctx.helper.asset` are
    kept so without it."""
    gzip: bool = False
    """Whether text is compressed, once for each file, unless a `.br`, `.zst` or `.gz` of it is."""
    alias: Mapping[str, str] = field(default_factory=dict)
    """Other names of files, below the prefix: `{"logo.png": "img/logo.png"}`."""
    filter: Callable[[str], object] | Sequence[str] | None = None
    """A function of a name that returns whether the file is served, or a list of the names."""
    index: str = ""
    """The name of the file that answers for its folder, such as "index.html"."""
    accel: str = ""
    """The internal location of nginx, such as "/internal/", that sends the files that are not kept
    in memory (`X-Accel-Redirect`); needs `proxy`, and one folder for each prefix. "": the worker
    sends all files."""
    asset_url: str = ""
    """Text in front of the URLs of `ctx.helper.asset`: "https://cdn.example"."""

    def __post_init__(self) -> None:
        """Refuses names and patterns that cannot be."""
        if self.cache_control and not re.fullmatch(r"[\x20-\x7e]+", self.cache_control):
            raise ConfigError(f"static.cache_control: {self.cache_control!r} is not a valid value")
        if "/" in self.index or self.index.startswith("."):
            raise ConfigError(f"static.index: {self.index!r} is not the name of a file")
        if self.asset_url and not re.fullmatch(r"(https?:)?//[^/\s]+(/\S*[^/])?", self.asset_url):
            raise ConfigError(
                f"static.asset_url: {self.asset_url!r} is not a URL without a slash at its end",
                hint="https://cdn.example",
            )
        if callable(self.filter):
            check_function("static.filter", self.filter, "name")
        try:
            re.compile(self.immutable)
        except re.error as exc:
            raise ConfigError(f"static.immutable: {self.immutable!r}: {exc}") from exc
