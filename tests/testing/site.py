"""The app that the tests of the test kit use."""

SHOP = {
    "config/plugin.py": "security = False\n",
    "config/config_default.py": """
        close_timeout = 15  # a slow machine
        custom_loader = {
            "repository": {"directory": "app/repository", "inject": "ctx"},
            "adapter": {"directory": "app/adapter", "inject": "app"},
        }
        """,
    "config/config_unittest.py": "greeting = 'hi, egg'",
    "config/config_prod.py": "greeting = 'good day'",
    "app.py": """
        from eggd import Boot

        class ShopBoot(Boot):
            async def did_load(self):
                self.app.messenger.on("price", self.learn)

            def learn(self, price):
                self.app.price = price
        """,
    "agent.py": """
        from eggd import Boot

        class ShopBoot(Boot):
            async def did_load(self):
                self.app.messenger.on("ask", self.tell)

            async def tell(self, data):
                self.app.logger.info("asked for %s", data)
                self.app.messenger.send_to_app("price", f"{data} costs 3")
        """,
    "app/router.py": """
        async def chat(ctx, socket):
            async for message in socket:
                if message == "bye":
                    await socket.close(4001, "as you wish")
                    return
                if message == "fields":
                    message = f"{ctx.get('cookie')} {ctx.get('x-a')}"
                await socket.send(message.upper())

        def router(app):
            home = app.controller.home
            app.router.get("home", "/", lambda ctx: app.config.get("greeting", ""))
            app.router.get("user", "/user/:id", lambda ctx: [ctx.params["id"], ctx.query])
            app.router.get("/price", home.price)
            app.router.get("/session", lambda ctx: dict(ctx.session))
            app.router.post("/pay", home.pay)
            app.router.get("/fetch", home.fetch)
            app.router.get("/later", home.later)
            app.router.get("/log", home.log)
            app.router.all("/echo", home.echo)
            app.router.get("/stream", home.stream)
            app.router.get("/events", home.events)
            app.router.get("/cut", home.cut)
            app.router.get("/short", home.short)
            app.router.get("/never", home.never)
            app.router.ws("chat", "/chat", chat)
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

            async def price(self):
                found = await self.service.admin.price.find("egg")
                return [found, self.service.admin.price.unit(), self.ctx.repository.stock.count()]

            async def pay(self):
                self.ctx.assert_csrf()
                return "paid"

            async def fetch(self):
                from tornado.httpclient import AsyncHTTPClient
                answer = await AsyncHTTPClient().fetch(self.ctx.query["url"], raise_error=False)
                return {"status": answer.code, "text": answer.body.decode()}

            def later(self):
                async def first():
                    await asyncio.sleep(0)
                    self.ctx.run_in_background(second)

                async def second():
                    await asyncio.sleep(0)
                    self.ctx.logger.info("second is done")

                self.ctx.run_in_background(first)
                return "soon"

            def log(self):
                self.ctx.logger.info("wrote %s", self.ctx.query["text"])
                return ""

            async def stream(self):
                async def chunks():
                    for _ in range(40):
                        yield b"x" * 10_000
                self.ctx.body = chunks()

            async def events(self):
                from eggd import Event, events
                gone = asyncio.Event()
                self.ctx.on_abort(gone.set)

                async def source():
                    yield Event(data={"n": 1}, event="count", id="7", retry=2)
                    yield "two\\nlines"
                    await gone.wait()
                events(self.ctx, source())

            async def short(self):
                async def chunks():
                    yield b"x"
                    await asyncio.sleep(0)
                    raise ValueError("no more")
                self.ctx.body = chunks()

            async def cut(self):
                self.ctx.exchange.disconnect()

            async def never(self):
                gone = asyncio.Event()
                self.ctx.on_abort(gone.set)
                await gone.wait()
        """,
    "app/service/admin/price.py": """
        from eggd import Service

        class _Base(Service):
            def unit(self):
                return "piece"

        class PriceService(_Base):
            def __init__(self, ctx):
                super().__init__(ctx)
                self.tax = lambda: 7

            async def find(self, name):
                return 3
        """,
    "app/repository/stock.py": """
        class Stock:
            def __init__(self, ctx):
                self.ctx = ctx

            def count(self):
                return 12
        """,
    "app/adapter/docker.py": """
        class Docker:
            def __init__(self, app):
                self.app = app

            async def pull(self, name):
                return f"pulled {name}"
        """,
    "app/extend/context.py": """
        class Context:
            @property
            def session(self):
                return {"user": "guest"}

            def assert_csrf(self):
                self.throw(403, "invalid csrf token")
        """,
    "app/schedule/clean.py": """
        from eggd import BaseContextClass

        class Clean(BaseContextClass):
            schedule = {"interval": "1h", "type": "worker"}

            async def subscribe(self, *args):
                ctx = self.app.current_context
                return [ctx is self.ctx, ctx.method, ctx.query["interval"], list(args)]
        """,
}
