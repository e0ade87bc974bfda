"""The application that is attacked."""

from __future__ import annotations

from collections.abc import Sequence


def router(places: Sequence[str] = ()) -> str:
    """Returns its routes; `places` are the templates of `/place/0` and so on."""
    return f"\n    PLACES = {list(places)!r}\n{_ROUTER}"


_ROUTER = """
    from dataclasses import dataclass
    from eggd import EggError, HttpError

    @dataclass
    class Named:
        name: str

        def __post_init__(self):
            raise ValueError(self.name)

    async def login(ctx):
        ctx.session.regenerate()
        ctx.session["user"] = "ada"
        return "welcome"

    def who(ctx):
        return str(ctx.session.get("user", "stranger"))

    def echo(ctx):
        ctx.set("X-Echo", ctx.query["value"])
        return ctx.query["value"]

    def link(ctx):
        return f"{ctx.protocol}://{ctx.host}/reset"

    async def transfer(ctx):
        return f"moved {ctx.request.body.get('sum')}"

    async def save(ctx):
        files = await ctx.save_request_files()
        await ctx.cleanup_request_files()
        return [[file.filename, file.path.name] for file in files]

    async def fetch(ctx):
        try:
            result = await ctx.safe_curl(ctx.query["url"], timeout=5)
        except EggError as exc:
            ctx.throw(400, f"refused: {type(exc).__name__}")
        return result.data

    async def place(ctx):
        def problem(text):
            try:
                ctx.validate(Named, {"name": text})
            except HttpError as exc:
                return exc.errors[0]["message"]

        template = PLACES[int(ctx.params["number"])]
        names = {"h": ctx.helper, "problem": problem}
        pages = [await ctx.render_string(template, {**names, "v": text})
                 for text in ctx.queries.get("v", [])]
        ctx.type = "html"
        return "<!doctype html>" + "\\n".join(pages)

    def refused(ctx):
        raise HttpError(400, "\\n".join(ctx.queries.get("v", [])))

    def script(ctx):
        ctx.type = ctx.query["type"]
        return "window.attacked = 1"

    def framed(ctx):
        if ctx.query.get("open"):
            ctx.security_options["xframe"] = False
        return "<!doctype html><script>" + COUNT + "</script>"

    COUNT = "const r = new XMLHttpRequest(); r.open('GET', '/shown', false); r.send()"

    def shown(ctx):
        ctx.app.shown += 1
        return "counted"

    def router(app):
        app.shown = 0
        app.get("/", lambda ctx: "home")
        app.get("/csrf", lambda ctx: ctx.csrf)
        app.post("/login", login)
        app.get("/who", who)
        app.get("/echo", echo)
        app.get("/link", link)
        app.get("/go", lambda ctx: ctx.redirect(ctx.query["to"]))
        app.get("/upload", lambda ctx: b"<script>alert(1)</script>")
        app.get("/fetch", fetch)
        app.get("/place/:number", place)
        app.get("/refused", refused)
        app.get("/script", script)
        app.get("/framed", framed)
        app.get("/shown", shown)
        app.get("/count", lambda ctx: f"{ctx.app.shown}")
        app.post("/transfer", transfer)
        app.post("/save", save)
"""
