"""The state of a unit, as `systemctl show` prints it."""

from __future__ import annotations

from dataclasses import dataclass

from eggd.ending import CAUSES, how_of_unit

PROPERTIES = (
    "Id,ActiveState,SubState,Result,StatusText,StatusErrno,UnitFileState,MainPID,LoadState,"
    "ExecMainCode,ExecMainStatus"
)
"""The properties that `unit_state` reads."""

_EXITED = "1"  # CLD_EXITED of waitid(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """The state of one unit (systemd.unit(5), org.freedesktop.systemd1(5))."""

    unit: str
    active: str = "inactive"
    """ActiveState: active, reloading, inactive, failed, activating, deactivating."""
    sub: str = "dead"
    result: str = "success"
    status: str = ""
    """The last STATUS= that the unit's process sent; kept after its death."""
    explained: bool = False
    """Whether that status is why the process ended: it sent ERRNO=, too."""
    code: int | None = None
    """The exit code of the main process, or minus the signal; None while it runs."""
    enabled: bool = False
    pid: int = 0
    installed: bool = True
    masked: bool = False
    """Whether `systemctl mask` keeps systemd from starting it."""

    @property
    def ready(self) -> bool:
        """Whether the unit is up."""
        return self.active in ("active", "reloading")

    @property
    def end(self) -> str:
        """The end of the main process, as text; "" if it runs or never ran."""
        if self.pid or self.code is None:
            return ""
        return how_of_unit(self.code, CAUSES.get(self.result, ""))

    @property
    def why(self) -> str:
        """Why it is not ready: its mask; its status while it runs; later why, or how, it ended."""
        if self.masked:
            return f"{self.unit} is masked (run 'systemctl unmask {self.unit}')"
        return self.status if self.explained or self.pid else self.end or self.status


def unit_state(block: str) -> UnitState:
    """Returns the state in a block of `systemctl show --property PROPERTIES`."""
    values = fields(block)
    pid = values.get("MainPID", "0")
    return UnitState(
        unit=values.get("Id", ""),
        active=values.get("ActiveState", "inactive"),
        sub=values.get("SubState", "dead"),
        result=values.get("Result", "success"),
        status=values.get("StatusText", ""),
        explained=values.get("StatusErrno", "0") != "0",
        code=_code(values.get("ExecMainCode", "0"), values.get("ExecMainStatus", "0")),
        enabled=values.get("UnitFileState", "").startswith("enabled"),
        pid=int(pid) if pid.isdecimal() else 0,
        installed=values.get("LoadState", "loaded") != "not-found",
        masked=values.get("LoadState") == "masked",
    )


def _code(code: str, status: str) -> int | None:
    if code == "0" or not status.isdecimal():
        return None
    return int(status) if code == _EXITED else -int(status)


def fields(block: str) -> dict[str, str]:
    """Returns the properties in a block of `systemctl show`, by name."""
    pairs = (line.partition("=") for line in block.split("\n"))
    return {key: value for key, _, value in pairs}
