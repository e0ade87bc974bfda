"""The built-in engine: Jinja2."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, NoReturn

import jinja2
from jinja2.exceptions import SecurityError

from eggd import Application, Context, EggError, HttpError
from eggd.plugins.view.errors import TemplateNotFoundError, ViewError
from eggd.plugins.view.interfaces import RenderOptions, ViewEngine
from eggd.plugins.view.jinja_env import STRING, create_environment
from eggd.plugins.view.sandboxed import hidden
from eggd.plugins.view.slices import chunks, chunks_async, joined, joined_async
from eggd.plugins.view.view import View

_DEEP = 50
"""Calls of templates in each other, in a RecursionError that they have caused."""
_STRINGS = 128
"""Compiled texts of `render_string` that are kept."""
_OF_TEMPLATES = (jinja2.UndefinedError, SecurityError, jinja2.TemplateRuntimeError)
"""Mistakes in a template that show when it is rendered."""


def jinja_engine(app: Application, view: View) -> type[ViewEngine]:
    """Returns the engine of an app; raises ConfigError for a wrong option."""
    templates = JinjaTemplates(app, view)
    return type("JinjaEngine", (JinjaEngine,), {"templates": templates})


class JinjaTemplates:
    """The compiled templates of one app."""

    def __init__(self, app: Application, view: View) -> None:
        self.environment = create_environment(app, view)
        """The environment of Jinja2."""
        self.sandbox = view.section.jinja2.sandbox
        """Whether templates are kept away from the app."""
        self._roots = tuple(f"{root}/" for root in view.roots)
        self._cache = view.section.cache
        self._files: dict[str, jinja2.Template] = {}
        self._strings: dict[str, jinja2.Template] = {}

    def of_file(self, name: str) -> jinja2.Template:
        """Returns the template of a name that exists; compiles it when it is first needed."""
        template = self._files.get(name)
        if template is None:
            template = self.environment.get_template(name)
            if self._cache:
                self._files[name] = template
        return template

    def of_text(self, text: str) -> jinja2.Template:
        """Returns the template of a text; the last `_STRINGS` are kept."""
        template = self._strings.pop(text, None)
        if template is None:
            template = self.environment.from_string(text)
            if len(self._strings) >= _STRINGS:
                del self._strings[next(iter(self._strings))]
        self._strings[text] = template
        return template

    def context(
        self, template: jinja2.Template, variables: dict[str, object]
    ) -> jinja2.runtime.Context:
        """Returns the variables as Jinja2 needs them."""
        if self.sandbox:
            variables = hidden(variables)
        # `shared`: the dict is not copied; copying a ChainMap of globals runs in Python.
        return template.new_context({**self.environment.globals, **variables}, shared=True)

    @contextmanager
    def readable(self) -> Iterator[None]:
        """Turns an error of Jinja2 into a ViewError: one line with file and line.

        An exception of the app's own code has the lines of templates in its traceback.
        """
        try:
            yield
        except (EggError, HttpError):
            raise
        except jinja2.TemplateSyntaxError as exc:
            raise ViewError(f"{exc.filename or STRING}:{exc.lineno}: {exc.message}") from None
        except Exception as exc:
            self._raise(self._rewritten(exc))

    def _raise(self, exc: Exception) -> NoReturn:
        if isinstance(exc, jinja2.TemplateNotFound):
            raise TemplateNotFoundError(f"{self._place(exc)}: Can't find {exc.message}") from None
        if isinstance(exc, RecursionError) and self._is_endless(exc):
            text = "templates extend, include or call each other without end"
            raise ViewError(f"{self._place(exc)}: {text}") from None
        if isinstance(exc, _OF_TEMPLATES):
            raise ViewError(f"{self._place(exc)}: {exc.message or type(exc).__name__}") from None
        raise exc

    def _is_endless(self, exc: Exception) -> bool:
        """Returns whether templates, not the app's own code, caused a RecursionError."""
        frames = traceback.walk_tb(exc.__traceback__)
        names = [frame.f_code.co_filename for frame, _ in frames]
        return sum(name.startswith(self._roots) for name in names) >= _DEEP

    def _rewritten(self, exc: Exception) -> Exception:
        """Returns the exception with the lines of templates in its traceback."""
        try:
            self.environment.handle_exception()
        except Exception as rewritten:
            return rewritten
        return exc

    def _place(self, exc: Exception) -> str:
        """Returns the file and line of the deepest template that an exception passed."""
        for frame in reversed(traceback.extract_tb(exc.__traceback__)):
            if frame.filename.startswith(self._roots) or frame.filename == STRING:
                return f"{frame.filename}:{frame.lineno}"
        return STRING


class JinjaEngine:
    """Renders with Jinja2 for one ctx; the subclass of an app has its templates."""

    templates: ClassVar[JinjaTemplates]

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def render(self, filename: str, locals: dict[str, object], options: RenderOptions) -> str:
        """Returns the text of a template."""
        with self.templates.readable():
            return await self._text(self.templates.of_file(options.name), locals)

    async def render_string(
        self, template: str, locals: dict[str, object], options: RenderOptions
    ) -> str:
        """Returns the text of a template that is given as text."""
        with self.templates.readable():
            return await self._text(self.templates.of_text(template), locals)

    async def stream(
        self, filename: str, locals: dict[str, object], options: RenderOptions
    ) -> AsyncIterator[str]:
        """Yields the text of a template in parts."""
        with self.templates.readable():
            pieces = self._pieces(self.templates.of_file(options.name), locals)
            parts = chunks(pieces) if isinstance(pieces, Iterator) else chunks_async(pieces)
            async for part in parts:
                yield part

    def check(self, names: Sequence[str]) -> Sequence[str]:
        """Returns a line for each template that cannot be compiled."""
        lines = []
        for name in names:
            try:
                with self.templates.readable():
                    self.templates.of_file(name)
            except EggError as exc:
                lines.append(exc.line)
        return lines

    async def _text(self, template: jinja2.Template, variables: dict[str, object]) -> str:
        pieces = self._pieces(template, variables)
        if isinstance(pieces, Iterator):
            return await joined(pieces)
        return await joined_async(pieces)

    def _pieces(
        self, template: jinja2.Template, variables: dict[str, object]
    ) -> Iterator[str] | AsyncIterator[str]:
        """Returns the pieces of the text, async if the environment is."""
        pieces: Iterator[str] | AsyncIterator[str]
        # The generated function, as `Template.render` joins all pieces without a pause.
        pieces = template.root_render_func(self.templates.context(template, variables))
        return pieces
