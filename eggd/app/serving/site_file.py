"""Single files of a site, by their exact path: `/favicon.ico`, `/robots.txt` (core:SITE-1..4).

They are served before all middleware of the app, and before routes with parameters. A route of the
app with exactly that path replaces the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from eggd.app.config import SiteFileConfig
from eggd.app.context.context import Context
from eggd.app.routing.handlers import source_of
from eggd.app.routing.path import Pattern
from eggd.app.routing.route import Route
from eggd.calling import call
from eggd.config import Config
from eggd.errors import ConfigError, EggError
from eggd.interfaces import Step
from eggd.masking.redact import safe_repr
from eggd.wire.mime import file_type

Content = str | bytes | Callable[..., object]
"""The target of a redirect, a content, or a function of ctx that returns one of them or None."""


def site_files(config: Config) -> list[Route]:
    """Returns a route per file of the `site_file` section; raises ConfigError naming the key."""
    section = config[SiteFileConfig]
    if not section.enable:
        return []
    return [
        _route(path, _check(path, value, config), section.cache_control)
        for path, value in section.files.items()
        if value is not None
    ]


def _check(path: str, value: object, config: Config) -> Content:
    where = config.located(("site_file", "files", path))
    if not path.startswith("/"):
        raise ConfigError(
            f"{where}: site_file: path {path!r} must begin with a slash", hint=f"/{path}"
        )
    if isinstance(value, Path):
        try:
            return value.read_bytes()
        except OSError as exc:
            raise ConfigError(f"{where}: site_file {path}: {value}: {exc.strerror}") from exc
    if isinstance(value, str | bytes) or callable(value):
        return value
    raise ConfigError(
        f"{where}: site_file {path}: {safe_repr(('site_file', path), value)} is not a file",
        hint="a Path, bytes, the text of a URL to redirect to, a function of ctx, or None",
    )


def _route(path: str, value: Content, cache_control: str) -> Route:
    pattern = Pattern(path, re.escape(path), (), True, (), True, [path])
    step = _step(path, value, cache_control)
    stack = (_as_text(value),)
    return Route(("GET", "HEAD"), pattern, "", -1, step, stack=stack, kind="file", chain=step)


def _as_text(value: Content) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return f"redirect {value}" if isinstance(value, str) else source_of(value)


def _step(path: str, value: Content, cache_control: str) -> Step:
    async def step(ctx: Context) -> None:
        content = await call(value, ctx) if callable(value) else value
        if isinstance(content, str):
            ctx.redirect(content)
        elif isinstance(content, bytes):
            ctx.set({"Content-Type": file_type(path), "Cache-Control": cache_control})
            ctx.body = content
        elif content is not None:
            raise EggError(
                f"site_file {path}: the function returned {content!r}", hint="bytes, text or None"
            )

    return step
