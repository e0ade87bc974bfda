"""Tokens of the plugin security in templates: `{{ csrf_field() }}`, and forms without a field."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from eggd import Application, Context, escape_html

Inject = Callable[[str], str]
"""A function that changes the text of a template before it is compiled."""

_FIELD = '<input type="hidden" name="{}" value="{}">'
_LINE = '\r\n<input type="hidden" name="_csrf"'


class Html(str):
    """Text that template engines do not escape (the protocol of markupsafe)."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def field_maker(app: Application) -> Callable[[Context], Callable[[], Html]]:
    """Returns the function whose result for a ctx is `csrf_field` in templates."""
    if not _is_on(app, "csrf"):
        return lambda ctx: Html
    names = app.config.security.csrf.body_name
    name = names if isinstance(names, str) else names[0]
    return lambda ctx: _field_of(ctx, escape_html(name))


def injections(app: Application) -> list[Inject]:
    """Returns the functions of the plugin security that complete forms and scripts."""
    inject_csrf: Inject | None = getattr(app, "inject_csrf", None)
    inject_nonce: Inject | None = getattr(app, "inject_nonce", None)
    functions: list[Inject] = []
    if inject_csrf is not None and _is_on(app, "csrf"):
        functions.append(partial(_on_the_same_line, inject_csrf))
    if inject_nonce is not None and _is_on(app, "csp"):
        functions.append(inject_nonce)
    return functions


def _on_the_same_line(inject: Inject, text: str) -> str:
    """Adds the fields without their line breaks: errors name the lines of the file."""
    if _LINE in text:
        return inject(text)
    return inject(text).replace(_LINE, _LINE.lstrip())


def _field_of(ctx: Context, name: str) -> Callable[[], Html]:
    """Returns a closure: a sandboxed template could read the arguments of a partial."""

    def field() -> Html:
        return Html(_FIELD.format(name, escape_html(ctx.csrf)))

    return field


def _is_on(app: Application, part: str) -> bool:
    """Returns whether a part of the plugin security is enabled."""
    if "security" not in app.plugins.enabled:
        return False
    section: object = getattr(app.config.security, part)
    return bool(getattr(section, "enable", False))
