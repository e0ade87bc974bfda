"""A real process with a messenger, driven line by line: `python actor.py ROLE SLOT DIRECTORY [FD]`.

In: JSON [method, argument, ...], called on the messenger; or ["flood", action, count, pause], or
["ask", action, data, options] for a request; "echo" is answered at once, "hang" never, "exit" ends
the process with its answer.
Out: JSON per event: ["opened"], ["heard", action, data, sender], ["log", text], ["asked", action],
["answer", action, data], ["error", action, class of the error].
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvloop

from eggd.errors import MessengerError
from eggd.messenger import Messenger, MessengerConfig, Sender


def say(*event: object) -> None:
    """Prints an event in one write(2): a killed process leaves no half line."""
    os.write(1, json.dumps(event).encode() + b"\n")


class Actor:
    def __init__(self, role: str, slot: str, directory: str, inbox: str = "") -> None:
        config = MessengerConfig(directory=directory, send_buffer=212992)
        self.messenger = Messenger(role, int(slot), config, lambda _, text: say("log", text))
        self.inbox = socket.socket(fileno=int(inbox)) if inbox else None
        self.ended = asyncio.Event()
        self.rest = b""
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        for action in ("hi", "n", "egg-pids", "egg-ready", "agent-start"):
            self.messenger.on(action, self.hear(action))
        self.messenger.on_request("echo", lambda data: data)
        self.messenger.on_request("hang", self.hang)
        self.messenger.on_request("exit", self.exit)
        await self.messenger.open(self.inbox)
        asyncio.get_running_loop().add_reader(0, self.read)
        say("opened")
        await self.ended.wait()
        self.messenger.close()

    def hear(self, action: str) -> Callable[[object, Sender], None]:
        return lambda data, sender: say("heard", action, data, sender)

    def read(self) -> None:
        data = os.read(0, 65536)
        if not data:
            self.ended.set()
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.obey(*json.loads(line))

    def obey(self, method: str, *arguments: Any) -> None:
        if method in ("flood", "ask"):
            self.tasks.add(asyncio.ensure_future(getattr(self, method)(*arguments)))
        else:
            getattr(self.messenger, method)(*arguments)

    async def hang(self, data: object) -> None:
        say("asked", "hang")
        await asyncio.Future()

    def exit(self, data: object) -> object:
        self.tasks.add(asyncio.ensure_future(self.end()))
        return data

    async def end(self) -> None:
        await self.messenger.flush(30)
        os._exit(0)

    async def ask(self, action: str, data: object, options: dict[str, Any]) -> None:
        try:
            say("answer", action, await self.messenger.request(action, data, **options))
        except MessengerError as exc:
            say("error", action, type(exc).__name__)

    async def flood(self, action: str, count: int, together: int) -> None:
        """Sends numbered messages to the agent, `together` of them per tick."""
        for number in range(count):
            self.messenger.send_to_agent(action, number)
            if number % together == together - 1:
                await asyncio.sleep(0)
            if number % 1000 == 999:
                await self.messenger.flush(30)


async def main() -> None:
    await Actor(*sys.argv[1:]).run()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main())
