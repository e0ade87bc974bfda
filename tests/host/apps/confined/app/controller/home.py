import mmap
import os
import socket
from pathlib import Path

from eggd import Controller

RWX = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC


class HomeController(Controller):
    """Each action does what the sandbox of the shipped units refuses."""

    def write(self):
        Path("/srv/app/data/file").write_text("text")
        self.ctx.body = "ok"

    def home(self):
        self.ctx.body = Path("/home/operator/ok").read_text()

    def family(self):
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()
        self.ctx.body = "ok"

    def syscall(self):
        os.nice(1)
        self.ctx.body = "ok"

    def memory(self):
        mmap.mmap(-1, mmap.PAGESIZE, prot=RWX).close()
        self.ctx.body = "ok"
