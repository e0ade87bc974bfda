"""The app that the scenarios run: its hooks record events, its routes answer, hang or wait."""

NOTE = """
    import os
    import time

    from eggd import Boot

    LOGS = os.environ["LOGS_DIRECTORY"]


    def note(text):
        with open(f"{LOGS}/events", "a") as file:
            file.write(f"{text}\\n")


    def hang_there(data):
        time.sleep(600)


    class SceneBoot(Boot):
        def config_did_load(self):
            note(f"{self.app.type} begins")

        async def will_ready(self):
            self.app.messenger.on("last words", lambda data: note(f"{self.app.type} heard {data}"))
            self.app.messenger.on("hang", hang_there)
            note(f"{self.app.type} ready")

        async def server_did_ready(self):
            note(f"{self.app.type} all ready")

        async def before_close(self):
            note(f"{self.app.type} closes")
            if self.app.type == "application":
                self.app.messenger.send_to_agent("last words", "goodbye")
"""
ROUTER = """
    import asyncio
    import os
    import time

    LOGS = os.environ["LOGS_DIRECTORY"]


    async def pid(ctx):
        ctx.body = str(os.getpid())


    def hang_here(ctx):
        time.sleep(600)


    async def hang_agent(ctx):
        ctx.app.messenger.send_to_agent("hang")
        ctx.body = "sent"


    async def slow(ctx):
        with open(f"{LOGS}/events", "a") as file:
            file.write("slow\\n")
        await asyncio.to_thread(lambda: open(f"{LOGS}/gate").read())
        ctx.body = "answered"


    def router(app):
        app.router.get("/", pid)
        app.router.get("/hang", hang_here)
        app.router.get("/hang-agent", hang_agent)
        app.router.get("/slow", slow)
"""
APP = {"app.py": NOTE, "agent.py": NOTE, "app/router.py": ROUTER}
HUNG = {"agent.py": NOTE + '\n    note("agent hangs")\n    time.sleep(600)\n'}
BROKEN = {"app/router.py": "def router(app)\n"}
NOTHING = "not started, and nothing is left running: "
SHARED = {
    "lib/pulse.py": """
        import os

        class Pulse:
            def subscribe(self, info, listener):
                listener(os.getpid())
    """,
    "agent.py": NOTE.replace(
        'note(f"{self.app.type} begins")',
        "note('agent begins'); from lib.pulse import Pulse; self.app.cluster(Pulse).create()",
    ),
    "app.py": NOTE.replace(
        "async def will_ready(self):",
        """async def will_ready(self):
            from lib.pulse import Pulse
            self.app.cluster(Pulse).create().subscribe("x", lambda pid: note(f"pulse of {pid}"))""",
    ),
}
"""A client of the agent that all workers follow."""
WATCHED = {
    "app.py": NOTE.replace(
        "async def will_ready(self):",
        """async def will_ready(self):
            self.app.watcher.watch("data", self.changed)
            self.app.messenger.on("agent-start", self.started)
            await self.first_ready()

        def changed(self, change):
            note(f"{change.event} {os.path.basename(change.path)}")

        def started(self, data):
            self.app.run_in_background(self.again)

        async def again(self):
            await self.app.watcher.ready()
            note("watched again")

        async def first_ready(self):""",
    ),
    "app/schedule/beat.py": """
        import os

        schedule = {"type": "all", "cron": "* * * * * *"}

        def task(ctx):
            with open(f"{os.environ['LOGS_DIRECTORY']}/events", "a") as file:
                file.write("beat\\n")
    """,
    "app/schedule/once.py": """
        import os

        schedule = {"type": "all", "immediate": True}

        def task(ctx):
            with open(f"{os.environ['LOGS_DIRECTORY']}/events", "a") as file:
                file.write("once\\n")
    """,
}
"""Jobs of all workers, and a folder that each worker watches."""
