"""The app that tests of the kit are about."""

SHOP = {
    "app/router.py": """
        def router(app):
            app.router.get("home", "/", lambda ctx: "hi, egg")
            app.router.get("user", "/user/:id", lambda ctx: [ctx.params["id"], ctx.query])
            app.router.all("/echo", app.controller.home.echo)
            app.router.get("/stream", app.controller.home.stream)
            app.router.get("/broken", app.controller.home.broken)
            app.router.get("/cut", app.controller.home.cut)
            app.router.get("/never", app.controller.home.never)
        """,
    "app/controller/home.py": """
        import asyncio
        from eggd import Controller

        class HomeController(Controller):
            def echo(self):
                ctx, fields = self.ctx, self.ctx.request.headers
                ctx.set("X-Two", ["a", "b"])
                return {
                    "method": ctx.method,
                    "body": ctx.request.body,
                    "headers": {name.lower(): fields.get(name) for name in fields},
                    "ip": ctx.ip,
                }

            async def stream(self):
                async def chunks():
                    for _ in range(40):
                        yield b"x" * 10_000
                self.ctx.body = chunks()

            def broken(self):
                1 / 0

            async def cut(self):
                self.ctx.exchange.cut()

            async def never(self):
                await asyncio.Event().wait()
        """,
}
