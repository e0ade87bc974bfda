"""The supervisor's control socket for commands: `control.sock` (0600).

{"command": "status"}  {"command": "stop", "timeout": 5.0}  {"command": "restart"}
{"command": "reload"}  {"command": "scale", "workers": 4}
"""

from __future__ import annotations

from collections.abc import Mapping

from eggd.control import SUPERVISOR
from eggd.control.server import ControlServer, Say
from eggd.errors import ControlError
from eggd.supervisor.sockets import bind_socket
from eggd.supervisor.supervisor import Supervisor
from eggd.supervisor.units import SocketPlan


class Control(ControlServer):
    """Executes the commands on `supervisor`."""

    name = "the control socket"

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        path = str(supervisor.settings.places.run / SUPERVISOR)
        plan = SocketPlan(unit="control", listen=path, mode=0o600)
        super().__init__(path, lambda: bind_socket(plan))

    async def answer(self, request: Mapping[str, object], say: Say) -> object:
        """Executes a command; returns the URL and the units of the suite."""
        supervisor = self._supervisor
        with supervisor.reporting_to(say):
            await self._execute(request)
        return {"url": supervisor.url, "units": supervisor.report()}

    async def _execute(self, request: Mapping[str, object]) -> None:
        supervisor, name = self._supervisor, request["command"]
        if name == "stop":
            await supervisor.stop(_number(request, "timeout", 0))
        elif name == "scale":
            number = _number(request, "workers", 0)
            if number != int(number):
                raise ControlError(f"workers must be a whole number, not {number!r}")
            await supervisor.scale(int(number))
        elif name == "reload":
            await supervisor.reload()
        elif name == "restart":
            await supervisor.restart()
        elif name != "status":
            raise ControlError(f"{SUPERVISOR}: {name!r}: unknown command")


def _number(request: Mapping[str, object], key: str, default: float) -> float:
    value = request.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise ControlError(f"{key} must be a number, not {value!r}")
    return value
