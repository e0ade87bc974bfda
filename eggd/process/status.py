"""Writes /run/eggd/status.json: the agent's view of the suite, without secrets, for all users.

    {"version": "0.1.0",
     "app": {"name": "hello", "base_dir": "/srv/hello", "env": "prod"},
     "agent": {"pid": 40, "state": "ready", "since": 1700000000.0},
     "workers": [{"slot": 1, "pid": 41, "state": "ready", "since": 1700000001.5, "enabled": true,
                  "requests": 17, "connections": 2}]}

Times are seconds since the epoch. A worker's further figures are its own; `reason` says why a boot
failed; `problem` of the agent is a problem of the running agent (its inbox). An enabled worker that
has sent no message is `down` with pid 0.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from eggd.app.loading.timing import process_start
from eggd.config.sources import AppInfo
from eggd.log.levels import ERROR
from eggd.masking.redact import redact
from eggd.messenger import Member
from eggd.process.bootstrap import Process
from eggd.suite.files import STATUS
from eggd.version import __version__


def report(
    info: AppInfo, agent: dict[str, object], members: Iterable[Member], enabled: set[int]
) -> dict[str, object]:
    """Returns the content of the file, without workers that have left and are not enabled."""
    known = {member.slot: member for member in members}
    slots = {slot for slot, member in known.items() if member.state != "left"} | enabled
    return {
        "version": __version__,
        "app": {"name": info.name, "base_dir": str(info.base_dir), "env": info.env},
        "agent": agent,
        "workers": [_worker(slot, known.get(slot), slot in enabled) for slot in sorted(slots)],
    }


def write_status(
    process: Process,
    members: Iterable[Member],
    enabled: set[int],
    state: str = "ready",
    problem: str = "",
) -> None:
    """Replaces the file, readable by all users; logs a failure, never raises.

    `state` and `problem` are the agent's.
    """
    agent: dict[str, object] = {
        "pid": os.getpid(),
        "state": state,
        "since": round(process_start(), 1),
    }
    if problem:
        agent["problem"] = problem
    try:
        _replace(process.rundir / STATUS, redact(report(process.info, agent, members, enabled)))
    except OSError as exc:
        process.console.write(ERROR, f"{process.rundir / STATUS}: {exc.strerror}")


def _worker(slot: int, member: Member | None, enabled: bool) -> dict[str, object]:
    if member is None:
        return {"slot": slot, "pid": 0, "state": "down", "since": 0.0, "enabled": enabled}
    pid = 0 if member.state == "left" else member.pid
    own = {"slot": slot, "pid": pid, "state": member.state, "since": member.since}
    return {**member.figures, **own, "enabled": enabled}


def _replace(path: Path, content: object) -> None:
    fd, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            json.dump(content, file)
            os.fchmod(file.fileno(), 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
