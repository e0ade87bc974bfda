"""`View`: the engines of an app by name, and the templates that they render (core:VW-2..6)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping

from eggd import Application, ConfigError, Context
from eggd.plugins.view.errors import TemplateNotFoundError, ViewError
from eggd.plugins.view.interfaces import (
    CheckingEngine,
    RenderOptions,
    StreamingEngine,
    ViewEngine,
)
from eggd.plugins.view.names import TemplateFile, TemplateNames
from eggd.plugins.view.section import ViewConfig

BUILT_IN = "jinja2"
"""The name of the built-in engine, which is imported when it is first needed."""

_CHECKED = frozenset((".html", ".htm", ".j2", ".jinja", ".jinja2", ".txt", ".xml"))
"""Extensions of files that are compiled by `eggd check`: others beside them may be no templates."""
_NOTHING: Mapping[str, object] = {}


class View:
    """Renders the templates of one app: `app.view`."""

    def __init__(
        self,
        app: Application,
        section: ViewConfig,
        built_in: Callable[[View], type[ViewEngine]],
    ) -> None:
        self._app = app
        self.section = section
        # Returns the class of the built-in engine, whose import takes some time.
        self._built_in = built_in
        roots = [os.path.join(app.base_dir, root) for root in section.roots or ["app/view"]]
        existing = [os.path.normpath(root) for root in roots if os.path.isdir(root)]
        self.missing = [root for root in roots if section.roots and not os.path.isdir(root)]
        """The configured folders that do not exist."""
        self.names = TemplateNames(existing, section.default_extension, cache=section.cache)
        """The templates by name."""
        self.extensions: list[str] = []
        """The import paths of extensions of Jinja2 that plugins add, before its first use."""
        self._engines: dict[str, type[ViewEngine]] = {}
        # Variables that plugins give every template: a name, and a function of ctx.
        self._provided: dict[str, Callable[[Context], object]] = {}

    @property
    def roots(self) -> list[str]:
        """The folders of templates that exist."""
        return self.names.roots

    def use(self, name: str, engine: type[ViewEngine]) -> None:
        """Registers the class of an engine under a name (core:VW-2).

        Raises ViewError for an empty or used name, and for a class without its methods.
        """
        if not name:
            raise ViewError("app.view.use: name is required")
        if not engine:
            raise ViewError(f"app.view.use({name!r}): viewEngine is required")
        if name in self._engines or name == BUILT_IN:
            raise ViewError(f"app.view.use: {name} has been registered")
        for method in ("render", "render_string"):
            if not callable(getattr(engine, method, None)):
                raise ViewError(f"app.view.use({name!r}): viewEngine should implement `{method}`")
        self._engines[name] = engine

    def provide(self, name: str, value: Callable[[Context], object]) -> None:
        """Gives every template a variable: the result of a function of ctx, called per rendering.

        The variables of `ctx.locals` and of the caller win.
        """
        self._provided[name] = value

    def has(self, name: str) -> bool:
        """Returns whether a template exists, for a name that a client has sent."""
        try:
            self.names.find(name)
        except TemplateNotFoundError:
            return False
        return True

    def engine(self, name: str) -> type[ViewEngine]:
        """Returns the class of an engine; raises ViewError for an unknown name (core:VW-4)."""
        engine = self._engines.get(name)
        if engine is None and name == BUILT_IN:
            engine = self._engines[name] = self._built_in(self)
        if engine is None:
            known = ", ".join(sorted({BUILT_IN, *self._engines}))
            raise ViewError(f'Can\'t find ViewEngine "{name}"', hint=f"known: {known}")
        return engine

    def check_engines(self) -> None:
        """Raises ConfigError for an engine of the config that is not registered."""
        known = {BUILT_IN, *self._engines}
        named = {f"mapping.{key}": name for key, name in self.section.mapping.items()}
        for key, name in {"default_view_engine": self.section.default_view_engine, **named}.items():
            if name and name not in known:
                raise ConfigError(
                    f"view.{key}: the engine {name!r} is not registered",
                    hint=f"known: {', '.join(sorted(known))}",
                    keys=[("view", *key.split(".", 1))],
                )

    async def render(
        self, ctx: Context, name: str, locals: Mapping[str, object] | None, view_engine: str
    ) -> str:
        """Returns the text of a template. Raises ViewError."""
        file = self.names.find(name)
        options = self._options(file, locals, view_engine)
        engine = self.engine(options.view_engine)(ctx)
        return await engine.render(file.path, self.variables(ctx, locals), options)

    async def render_string(
        self, ctx: Context, template: str, locals: Mapping[str, object] | None, view_engine: str
    ) -> str:
        """Returns the text of a template that is given as text. Raises ViewError."""
        name = view_engine or self.section.default_view_engine
        if not name:
            raise ViewError("Can't find viewEngine", hint="set view.default_view_engine")
        options = RenderOptions(locals=locals or _NOTHING, view_engine=name)
        engine = self.engine(name)(ctx)
        return await engine.render_string(template, self.variables(ctx, locals), options)

    def stream(
        self, ctx: Context, name: str, locals: Mapping[str, object] | None, view_engine: str
    ) -> AsyncIterator[str]:
        """Returns the parts of a template's text. Raises ViewError if its engine has no parts."""
        file = self.names.find(name)
        options = self._options(file, locals, view_engine)
        engine = self.engine(options.view_engine)(ctx)
        if not isinstance(engine, StreamingEngine):
            raise ViewError(
                f"the engine {options.view_engine} cannot stream {file.path}",
                hint="use ctx.render, or give the engine a method stream",
            )
        return engine.stream(file.path, self.variables(ctx, locals), options)

    def variables(self, ctx: Context, passed: Mapping[str, object] | None) -> dict[str, object]:
        """Returns the variables of a template, in a new dict (core:VW-5)."""
        variables: dict[str, object] = {"ctx": ctx, "request": ctx.request, "helper": ctx.helper}
        for name, value in self._provided.items():
            variables[name] = value(ctx)
        variables.update(ctx.locals)
        if passed is not None:
            if not isinstance(passed, Mapping):
                raise ViewError(f"the variables of a template must be a dict, not {passed!r}")
            variables.update(passed)
        return variables

    def problems(self) -> list[str]:
        """Returns a line for each template that cannot be compiled (`eggd check`)."""
        self.check_engines()
        by_engine: dict[str, list[str]] = {}
        for file in self.names.all():
            name = self._engine_name(file)
            if name and self._is_checked(file):
                by_engine.setdefault(name, []).append(file.name)
        ctx = self._app.create_anonymous_context()
        engines = {name: self.engine(name)(ctx) for name in by_engine}
        return [
            line
            for name, engine in engines.items()
            if isinstance(engine, CheckingEngine)
            for line in engine.check(by_engine[name])
        ]

    def _options(
        self, file: TemplateFile, locals: Mapping[str, object] | None, view_engine: str
    ) -> RenderOptions:
        name = view_engine or self._engine_name(file)
        if not name:
            raise ViewError(
                f"Can't find viewEngine for {file.path}",
                hint="set view.default_view_engine or view.mapping",
            )
        return RenderOptions(
            name=file.name, root=file.root, locals=locals or _NOTHING, view_engine=name
        )

    def _is_checked(self, file: TemplateFile) -> bool:
        known = {self.section.default_extension, *self.section.mapping, *_CHECKED}
        return os.path.splitext(file.name)[1] in known

    def _engine_name(self, file: TemplateFile) -> str:
        extension = os.path.splitext(file.name)[1]
        return self.section.mapping.get(extension) or self.section.default_view_engine
