"""The app that the scenarios run: its hooks record events, its routes answer, hang or wait."""

NOTE = """
    import os

    from eggd import Boot

    LOGS = os.environ["LOGS_DIRECTORY"]


    def note(text):
        with open(f"{LOGS}/events", "a") as file:
            file.write(f"{text}\\n")


    class SceneBoot(Boot):
        def config_did_load(self):
            note(f"{self.app.type} begins")

        async def will_ready(self):
            self.app.messenger.on("last words", lambda data: note(f"{self.app.type} heard {data}"))
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


    async def slow(ctx):
        with open(f"{LOGS}/events", "a") as file:
            file.write("slow\\n")
        await asyncio.to_thread(lambda: open(f"{LOGS}/gate").read())
        ctx.body = "answered"


    def router(app):
        app.router.get("/", pid)
        app.router.get("/hang", hang_here)
        app.router.get("/slow", slow)
"""
APP = {"app.py": NOTE, "agent.py": NOTE, "app/router.py": ROUTER}
BROKEN = {"app/router.py": "def router(app)\n"}
NOTHING = "not started, and nothing is left running: "
