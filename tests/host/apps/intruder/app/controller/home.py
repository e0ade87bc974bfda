import os
import socket

from eggd import Controller


class Home(Controller):
    async def pid(self):
        self.ctx.body = str(os.getpid())

    async def attempt(self):
        """Tries to reach another application; the body is `done`, or the class of the error."""
        way, target = self.ctx.params["way"], self.ctx.params["target"].replace("+", "/")
        try:
            _WAYS[way](target)
            self.ctx.body = "done"
        except OSError as exc:
            self.ctx.body = type(exc).__name__


def _read(path):
    with open(path, "rb") as file:
        file.read()


def _send(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(path)
        sock.send(b"{}")


_WAYS = {
    "read": _read,
    "list": os.listdir,
    "send": _send,
    "signal": lambda pid: os.kill(int(pid), 0),
}
