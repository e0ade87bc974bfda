"""Reads and writes the application of each process, in a file in the runtime directory.

    agent.app, worker-1.app    {"pid": 40, "base_dir": "/srv/shop", "name": "shop", "env": "prod",
                                "settings": "5f0c...", "code": "91aa...", "scheme": "https"}

A process writes its file before READY=1, so that a command that waits for it (a reload, `systemctl
start`) reads the current state. A file is valid only for the process that it names: a dead process
may leave its file behind.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path

from eggd.smallfile import read_own
from eggd.suite.files import AGENT_IDENTITY, identity_file
from eggd.suite.identity import Identity, differs, mixture
from eggd.suite.slots import SPARE
from eggd.wholefile import public_mode, write_whole

_OPTIONAL = {"scheme": "", "greeting": "", "unit": ""}
"""Fields that an older eggd does not write: it may run beside this one during an upgrade."""


def write(path: Path, identity: Identity) -> None:
    """Replaces the file, readable by all users; raises OSError."""
    write_whole(path, json.dumps(asdict(identity)).encode(), public_mode(path.parent))


def read(path: Path, pid: int | None = None) -> Identity | None:
    """Returns the identity that process `pid` wrote; None without a valid file of that process.

    Without `pid`, any process that still runs may have written it. The type of each value is
    checked, since the service user owns the file.
    """
    try:
        data = {**_OPTIONAL, **json.loads(read_own(path))}
        values = {each.name: data[each.name] for each in fields(Identity)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    texts = [value for key, value in values.items() if key != "pid"]
    if type(values["pid"]) is not int or not all(isinstance(text, str) for text in texts):
        return None
    identity = Identity(**values)
    valid = runs(identity.pid) if pid is None else identity.pid == pid
    return identity if valid else None


def reloading(rundir: Path) -> bool:
    """Returns whether the spare of a reload runs: until it ends, a mixture is expected."""
    return read(rundir / identity_file(SPARE)) is not None


def current_mixture(rundir: Path, agent: int, workers: Mapping[int, int]) -> str:
    """Returns a line on mixed applications; "" if all are the same.

    `agent` is a pid, and `workers` are those of the serving workers, by slot.
    """
    identities = {slot: read(rundir / identity_file(slot), pid) for slot, pid in workers.items()}
    known = {slot: each for slot, each in identities.items() if each is not None}
    return mixture(read(rundir / AGENT_IDENTITY, agent), known)


def agent_differs(rundir: Path, agent: int, spare: int, unit: str = "") -> str:
    """Returns why a reload replaces the agent, by pid of agent and spare; "" if it keeps it.

    `unit` is the digest of the files of the agent's unit as they are now; "" if it is unknown.
    """
    own, worker = read(rundir / AGENT_IDENTITY, agent), read(rundir / identity_file(SPARE), spare)
    if why := differs(own, worker):
        return why
    changed = own is not None and unit and own.unit and own.unit != unit
    return "the files of its unit have changed" if changed else ""


def runs(pid: int) -> bool:
    """Returns whether there is a process of this number, of any user."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return pid > 0
    except (OSError, OverflowError):
        return False
    return pid > 0
