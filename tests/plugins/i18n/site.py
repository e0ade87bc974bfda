"""An app with catalogues in three languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.app.serving import Answer, Client, served

ROUTER = """
    def text(ctx):
        return ctx.__("Hello %s", ctx.query.get("name", "you"))

    def chosen(ctx):
        return f"{ctx.locale} {ctx.locale_origin}"

    def change(ctx):
        ctx.locale = ctx.query["to"]
        return f"{ctx.locale} {ctx.locale_origin}"

    async def page(ctx):
        await ctx.render("page", dict(ctx.query))

    def router(app):
        app.get("/", text)
        app.get("/chosen", chosen)
        app.get("/change", change)
        app.get("/plain", lambda ctx: "plain")
        app.get("/page", page)
"""
CATALOGUES = {
    "config/locale/zh-CN.json": '{"Hello %s": "\\u4f60\\u597d %s", "a": {"b": "nested"}}',
    "config/locale/de.toml": '"Hello %s" = "Hallo %s"\n[menu]\nhome = "Start"\n',
    "config/locale/pt_BR.properties": "Hello\\ %s = Ol\\u00e1 %s\n",
}


@contextmanager
def site(root: Path, config: str = "", files: Mapping[str, str] | None = None) -> Iterator[Client]:
    """Serves the app with this text in its config_default.py."""
    base = {
        "config/config_default.py": config or "middleware = []\n",
        "app/router.py": ROUTER,
        **CATALOGUES,
    }
    with served(root, {**base, **(files or {})}) as client:
        yield client


def cookie_of(answer: Answer) -> str:
    """Returns the line of Set-Cookie, "" without one."""
    lines: list[str] = answer.headers.get_all("Set-Cookie", [])
    assert len(lines) < 2
    return lines[0] if lines else ""
