"""The environment of Jinja2: escaping, the loader, and how attributes are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from eggd import Application, ConfigError
from eggd.plugins.view.csrf import Inject, injections
from eggd.plugins.view.errors import TemplateNotFoundError, ViewError
from eggd.plugins.view.filters import filters_of
from eggd.plugins.view.jinja_code import CodeGenerator, escaped
from eggd.plugins.view.section import JinjaOptions
from eggd.plugins.view.view import View

E = TypeVar("E", bound=jinja2.Environment)

STRING = "<template>"
"""The name that Jinja2 gives a template without a file."""
_UNDEFINED = {
    "lenient": jinja2.Undefined,
    "strict": jinja2.StrictUndefined,
    "chainable": jinja2.ChainableUndefined,
}


class Environment(jinja2.Environment):
    """Compiles templates to faster code, which gives the same text."""

    code_generator_class = CodeGenerator
    escaped = staticmethod(escaped)


def create_environment(app: Application, view: View) -> jinja2.Environment:
    """Returns the environment of an app; raises ConfigError for an extension that is missing."""
    options = view.section.jinja2
    kind = ImmutableSandboxedEnvironment if options.sandbox else Environment
    loader, extensions = _Loader(view, injections(app)), [*view.extensions, *options.extensions]
    environment = _create(kind, options, loader, extensions, auto_reload=not view.section.cache)
    environment.globals.update(app.locals)
    environment.filters.update(filters_of(app))
    return environment


def _create(
    kind: type[E],
    options: JinjaOptions,
    loader: jinja2.BaseLoader,
    extensions: Sequence[str],
    *,
    auto_reload: bool,
) -> E:
    try:
        return kind(
            loader=loader,
            autoescape=options.autoescape,
            enable_async=options.enable_async,
            trim_blocks=options.trim_blocks,
            lstrip_blocks=options.lstrip_blocks,
            undefined=_UNDEFINED[options.undefined],
            extensions=extensions,
            auto_reload=auto_reload,
            cache_size=-1,  # the files of the roots
        )
    except (ImportError, AttributeError, TypeError) as exc:  # TypeError: it is not a class
        raise ConfigError(
            f"view.jinja2.extensions: {exc}", keys=["view.jinja2.extensions"]
        ) from exc


class _Loader(jinja2.BaseLoader):
    """Reads templates for `include`, `extends` and `import`, too: by the names of the view."""

    def __init__(self, view: View, injections: Sequence[Inject]) -> None:
        self._view = view
        self._injections = injections

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Returns the text of a template, its path, and a function that tells if it is current."""
        try:
            file = self._view.names.find(template)
        except TemplateNotFoundError as exc:
            raise jinja2.TemplateNotFound(
                template, exc.message.removeprefix("Can't find ")
            ) from None
        before = _state(file.path)
        text = _read(file.path)
        for inject in self._injections:
            text = inject(text)
        return text, file.path, lambda: _state(file.path) == before


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except UnicodeDecodeError as exc:
        line = Path(path).read_bytes()[: exc.start].count(b"\n") + 1
        raise ViewError(f"{path}:{line}: is not UTF-8: {exc.reason}") from None
    except OSError as exc:
        raise ViewError(f"{path}: cannot be read: {exc.strerror}") from None


def _state(path: str) -> tuple[int, int, int] | None:
    """Returns values that differ after a change of a file, None without it."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
