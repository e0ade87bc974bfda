"""The rules about imports (docs/architecture.md), each a function from imports to offences.

ground < config < loader < http | httpclient | messenger | systemd < app < `eggd` itself
       < plugins, welcome < host < process | supervisor | testing < probe < cli
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.house.imports import Import

LAYERS = (
    {"accounts", "calling", "endfile", "ending", "errors", "failure", "identityfile", "importer"}
    | {"interfaces", "libc", "outage", "ranges", "retrypauses", "smallfile", "socketfile"}
    | {"sourcefolders", "spelling", "threads", "timelimit", "version", "wholefile"}
    | {"control", "log", "masking", "suite", "watching", "wire"},
    {"config"},
    {"loader"},
    {"http", "httpclient", "messenger", "systemd"},
    {"app"},
    {""},
    {"plugins", "welcome"},
    {"host"},
    {"process", "supervisor", "testing"},
    {"probe"},
    {"cli"},
    {"__main__"},
)
ROOMS = ("routing", "context", "loading", "serving")
"""The folders of app/; each may import those before it."""
CONFIGS = ("", "config", "cluster_config")
"""The modules beside the rooms that they may import."""
GROUND, DOOR, GUESTS = 0, 5, 6
FOREIGN = (("log", "logbook"), ("wire", "cryptography"), ("watching", "watchdog"))
"""The libraries of the base layer, each with the folder that may import it."""
NOT_IN_WIRE = {
    *("asyncio", "uvloop", "socket", "socketserver", "select", "selectors", "threading"),
    *("concurrent", "multiprocessing", "subprocess", "signal"),
}
NOT_IN_SUITE = {*("os", "io", "pathlib", "shutil", "tempfile", "fcntl", "time")}


def folder(module: str) -> str:
    """Returns the part after `eggd.`: a folder, a base file, or "" for `eggd` itself."""
    return [*module.split("."), ""][1]


def layer(module: str) -> int:
    """Returns the number of the module's layer; StopIteration if no layer has its folder."""
    return next(n for n, folders in enumerate(LAYERS) if folder(module) in folders)


def upward(found: list[Import]) -> Iterator[Import]:
    """Rules 1, 3 and 5: only lower layers and the own folder; base files may use each other."""
    for one in _inner(found):
        own, other = layer(one.module), layer(one.target)
        side = (folder(one.module), folder(one.target))
        beside = own == other and (own == GROUND or len(set(side)) == 1)
        if not (other < own or beside or side == ("testing", "supervisor")):
            yield one


def relative(found: list[Import]) -> Iterator[Import]:
    """Rule 1: absolute imports only."""
    return (one for one in found if one.relative)


def impure_ground(found: list[Import]) -> Iterator[Import]:
    """Rule 2: the base layer is standard library, plus FOREIGN."""
    for one in found:
        top = one.target.split(".")[0]
        foreign = top != "eggd" and top not in sys.stdlib_module_names
        if layer(one.module) == GROUND and foreign:
            if (folder(one.module), top) not in FOREIGN:
                yield one


def impure_wire(found: list[Import]) -> Iterator[Import]:
    """Rule 2: wire/ has no sockets, loops or threads, and never logs."""
    for one in found:
        if folder(one.module) == "wire":
            top = one.target.split(".")[0]
            if top in NOT_IN_WIRE or (top == "eggd" and folder(one.target) == "log"):
                yield one


def impure_suite(found: list[Import]) -> Iterator[Import]:
    """Rule 2: suite/ performs no I/O, not even of files, and reads no clock; it never logs."""
    for one in found:
        if folder(one.module) == "suite":
            top = one.target.split(".")[0]
            inner = top == "eggd" and folder(one.target) not in ("errors", "spelling", "suite")
            if inner or top in NOT_IN_WIRE | NOT_IN_SUITE:
                yield one


def behind_the_door(found: list[Import]) -> Iterator[Import]:
    """Rule 4: a plugin and the welcome app import `eggd` and their own folder, as users do."""
    for one in _inner(found):
        parts = one.module.split(".")
        guest = layer(one.module) == GUESTS and (parts[1] != "plugins" or len(parts) > 2)
        own = ".".join(parts[:3] if parts[1:2] == ["plugins"] else parts[:2])
        if guest and one.target != "eggd" and f"{one.target}.".find(f"{own}.") != 0:
            yield one


def supervisor_above_base(found: list[Import]) -> Iterator[Import]:
    """Rule 5: supervisor/ imports only the base layer: a broken app cannot break it."""
    for one in _inner(found):
        if folder(one.module) == "supervisor" != folder(one.target):
            if layer(one.target) != GROUND:
                yield one


def out_of_room(found: list[Import]) -> Iterator[Import]:
    """Rule 1: a room of app/ imports lower rooms and the configs of app/, no module beside it."""
    for one in _inner(found):
        own, other = _room(one.module), _room(one.target)
        if own in ROOMS and folder(one.target) == "app" and other not in CONFIGS:
            if other not in ROOMS[: ROOMS.index(own) + 1]:
                yield one


def heavy_tornado(found: list[Import]) -> Iterator[Import]:
    """Rule 6: tornado.httputil is the only Tornado up to `eggd` itself."""
    for one in found:
        tornado = one.target.split(".")[0] == "tornado"
        if tornado and one.target != "tornado.httputil" and layer(one.module) <= DOOR:
            yield one


def _inner(found: list[Import]) -> Iterator[Import]:
    return (one for one in found if one.target.split(".")[0] == "eggd" and not one.relative)


def _room(module: str) -> str:
    """Returns the part of a module's name after `eggd.app.`, "" for a module elsewhere."""
    return [*module.split("."), "", ""][2] if folder(module) == "app" else ""
