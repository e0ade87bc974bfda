import sys

from eggd import Controller
from markupsafe import _speedups


class HomeController(Controller):
    async def where(self):
        self.ctx.body = f"{sys.executable} {_speedups.__file__}"
