"""A client for tests: a board of values in a file, which outlives the process that writes it."""

BOARD = '''
    import asyncio
    import json
    import os
    import threading
    from pathlib import Path


    class NotAllowed(Exception):
        def __init__(self, key, level):
            super().__init__(f"{key} is not allowed at {level}")
            self.code = "E_LEVEL"
            self.level = level


    class Board:
        """Each object has its own record of what was called."""

        made = 0

        def __init__(self, file=""):
            Board.made += 1
            self.file = Path(file or os.environ.get("BOARD", "/nonexistent/board"))
            self.listeners = {}
            self.calls = []

        async def ready(self):
            self.calls.append("ready")
            if self.file.with_suffix(".down").exists():
                error = ConnectionError("the board is down")
                error.code = "E_DOWN"
                raise error

        def subscribe(self, key, listener):
            self.calls.append(f"subscribe {key}")
            self.listeners[str(key)] = listener
            values = self.read()
            if str(key) in values:
                listener(values[str(key)])

        async def unsubscribe(self, key, listener):
            assert self.listeners.pop(str(key)) is listener
            self.calls.append(f"unsubscribe {key}")

        def publish(self, info):
            self.calls.append(f"publish {info['key']}={info['value']}")
            self.put(info["key"], info["value"])

        def put(self, key, value):
            if self.file.parent.is_dir():
                self.file.write_text(json.dumps({**self.read(), key: value}))
            if key in self.listeners:
                self.listeners[key](value)

        def read(self):
            return json.loads(self.file.read_text()) if self.file.exists() else {}

        async def set(self, key, value, *, level=1):
            if level < 1:
                raise NotAllowed(key, level)
            self.put(key, value)
            return {"key": key, "value": value, "pid": os.getpid()}

        async def divide(self, a, b):
            return a / b

        async def hang(self):
            self.calls.append("hang")
            try:
                await asyncio.Event().wait()
            finally:
                self.calls.append("hung")

        async def in_a_thread(self, key, value):
            await asyncio.to_thread(self.listeners[key], value)

        async def history(self):
            return self.calls

        def plain(self):
            return "not shared"

        async def _private(self):
            return "not shared"

        async def close(self):
            self.calls.append("close")
'''
"""The module `lib/board.py`."""

AGENT = """
    from eggd import Agent, Boot
    from lib.board import Board


    class AgentBoot(Boot[Agent]):
        async def did_load(self):
            self.app.board = self.app.cluster(Board%s).create()
"""
WORKER = """
    from eggd import Boot
    from lib.board import Board


    class AppBoot(Boot):
        async def did_load(self):
            self.app.board = self.app.cluster(Board%s).create()
            await self.app.board.ready()
"""


def files(options: str = "", *, agent: str = AGENT, worker: str = WORKER) -> dict[str, str]:
    """Returns an app whose clients have these options."""
    text = f", {options}" if options else ""
    return {
        "lib/board.py": BOARD,
        "agent.py": agent % text if "%s" in agent else agent,
        "app.py": worker % text if "%s" in worker else worker,
    }
