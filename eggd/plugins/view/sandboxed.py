"""The variables of a template that the authors of the app have not written."""

from __future__ import annotations

from eggd import Context


class SandboxContext:
    """The parts of ctx that such a template may read."""

    __slots__ = ("_ctx",)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    @property
    def csrf(self) -> str:
        """The token for the forms of the page, "" without the plugin security."""
        return getattr(self._ctx, "csrf", "")

    @property
    def nonce(self) -> str:
        """The number of the page's inline scripts, "" without the plugin security."""
        return getattr(self._ctx, "nonce", "")

    @property
    def locale(self) -> str:
        """The language of the page, "" without the plugin i18n."""
        return getattr(self._ctx, "locale", "")


def hidden(variables: dict[str, object]) -> dict[str, object]:
    """Returns the variables without request and helper, and with little of ctx."""
    ctx = variables.get("ctx")
    kept = {name: value for name, value in variables.items() if name not in ("request", "helper")}
    return {**kept, "ctx": SandboxContext(ctx)} if isinstance(ctx, Context) else kept
