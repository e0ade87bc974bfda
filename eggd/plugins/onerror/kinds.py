"""The kind of answer that a client prefers (core:ERR-3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from eggd import Context, EggError, HttpError

Kind = Literal["html", "json", "text", "js"]
KINDS: tuple[Kind, ...] = ("html", "json", "text", "js")
"""The kinds of answers."""


def kind_of(ctx: Context, accepts: Callable[..., object] | None, *, is_local: bool) -> Kind:
    """Returns the kind of an answer.

    `accepts` decides, if there is one; raises EggError for a result that is not a kind. In env
    local, clients that do not ask for HTML, such as curl, get text.
    """
    if accepts is not None:
        kind = accepts(ctx)
        if kind not in KINDS:
            raise EggError(
                f"onerror.accepts returned {kind!r}", hint=f"return one of {', '.join(KINDS)}"
            )
        return kind
    try:
        return _preferred(ctx, is_local=is_local)
    except (EggError, HttpError):  # of an app's own request class
        return "html"


def _preferred(ctx: Context, *, is_local: bool) -> Kind:
    if ctx.accept_json:
        return "json"
    if getattr(ctx, "accept_jsonp", False):
        return "js"
    if ctx.request.accepts("html", "text") == "text":
        return "text"
    return "text" if is_local and "html" not in ctx.get("accept").lower() else "html"
