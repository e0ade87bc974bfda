"""The app of these tests: each route is one thing that can happen to a suite."""

ROUTER = """
    import asyncio
    import os
    import socket

    from eggd import HttpError

    GATE = os.environ.get("GATE", "")


    async def pid(ctx):
        ctx.body = str(os.getpid())


    async def slow(ctx):
        reader, writer = await asyncio.open_unix_connection(GATE)
        ctx.body = (await reader.read(99)).decode()
        writer.close()


    def hang_here(ctx):
        with socket.socket(socket.AF_UNIX) as gate:
            gate.connect(GATE)
            gate.recv(99)


    def explode():
        raise RuntimeError("not caught")


    async def boom(ctx):
        asyncio.get_running_loop().call_soon(explode)
        ctx.body = "lit"


    async def broken(ctx):
        raise ValueError("not for the client")


    async def refused(ctx):
        raise HttpError(403, "keep out")


    async def lazy(ctx):
        import eggd.testing
        ctx.body = eggd.testing.__name__


    async def count(ctx):
        for number in range(int(ctx.query["upto"])):
            ctx.app.messenger.send_to_agent("count", number)
            await asyncio.sleep(0)  # one tick, one datagram
        ctx.body = "counted"


    async def upload(ctx):
        ctx.body = str(len(await ctx.save_request_files()))


    async def plugins(ctx):
        try:
            ctx.validate({"number": "int"}, {})
        except HttpError as exc:
            ctx.body = ctx.gettext(await ctx.render_view("a.html", {"n": exc.status}))


    def router(app):
        app.router.post("/upload", upload)
        for name, handler in [
            ("/", pid), ("/slow", slow), ("/hang", hang_here), ("/boom", boom),
            ("/broken", broken), ("/refused", refused), ("/count", count), ("/lazy", lazy),
            ("/plugins", plugins),
        ]:
            app.router.get(name, handler)
"""

BOOT = """
    import os
    import socket
    import sys

    from eggd import Boot

    NOTIFY = os.environ["NOTIFY_SOCKET"]


    def say(*words):
        print(*words, file=sys.stderr, flush=True)


    def imported(event, args):
        # On the very socket that READY=1 goes to, so that the order of both is known.
        if event == "import" and args[0].startswith("eggd."):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.sendto(f"X_IMPORT={args[0]}".encode(), NOTIFY)


    class TestBoot(Boot):
        def config_will_load(self):
            sys.addaudithook(imported)
            say("config_will_load")

        def config_did_load(self):
            say("config_did_load")
            self.app.messenger.on("egg-pids", lambda pids: say("pids", sorted(pids)))
            self.app.messenger.on("count", lambda number: say("got", number))

        async def did_load(self):
            say("did_load")

        async def will_ready(self):
            say("will_ready")

        async def did_ready(self, error=None):
            say("did_ready", error)

        async def server_did_ready(self):
            say("server_did_ready")

        async def before_close(self):
            say("before_close")
"""

APP = {"app.py": BOOT, "agent.py": BOOT, "app/router.py": ROUTER, "app/view/a.html": "{{ n }}"}
"""`path: text` as `make_app` takes it."""
