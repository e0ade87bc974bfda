"""Writes /run/eggd/status.json: the agent's view of the suite, without secrets, for all users.

    {"version": "0.1.0",
     "app": {"name": "hello", "base_dir": "/srv/hello", "env": "prod"},
     "agent": {"pid": 40, "state": "ready", "since": 1700000000.0, "errors": 0,
               "metrics": "/run/eggd/metrics.sock",
               "messages": {"sent": 9, "received": 4, ..., "refused": {}, "peers": {...}}},
     "workers": [{"slot": 1, "pid": 41, "state": "ready", "since": 1700000001.5, "enabled": true,
                  "requests": 17, "connections": 2, "messages": {...},
                  "last_restart": {"kind": "recycled", "text": "recycled after 10,000 requests"},
                  "restarts": {"recycled": 2, "crashed": 1}}]}

Times are seconds since the epoch. A worker's further figures are its own; `reason` says why a boot
failed, `last_restart` why the former process ended, `restarts` how often since the agent started;
`problem` of the agent is a problem of the running agent (its inbox), `errors` the number of
exceptions that its code did not catch, `last_error` the last one, `metrics` the address of the
metrics ("" without), `outdated` the files that changed since it started, with the command that
starts it again ("" without such files). An enabled worker that has sent no message is `down` with
pid 0.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping

from eggd.app.loading.timing import process_start
from eggd.config.sources import AppInfo
from eggd.log.levels import ERROR
from eggd.masking.redact import redact
from eggd.messenger import Member
from eggd.process.bootstrap import Process
from eggd.process.uncaught import Failures
from eggd.suite.files import STATUS
from eggd.version import __version__
from eggd.wholefile import public_mode, write_whole

LOGS = "logs"
"""The figure of a process with the log file that it cannot write."""


def logs_figure(problem: str) -> dict[str, object]:
    """Returns the figure of a process whose log files have a problem; {} for ""."""
    return {LOGS: problem} if problem else {}


def report(
    info: AppInfo,
    agent: dict[str, object],
    members: Iterable[Member],
    enabled: set[int],
    restarts: Mapping[int, Mapping[str, int]] | None = None,
) -> dict[str, object]:
    """Returns the content of the file, without workers that have left and are not enabled."""
    known = {member.slot: member for member in members}
    slots = {slot for slot, member in known.items() if member.state != "left"} | enabled
    counts = restarts or {}
    workers = [
        {**_worker(slot, known.get(slot), slot in enabled), **_counts(counts.get(slot))}
        for slot in sorted(slots)
    ]
    return {
        "version": __version__,
        "app": {"name": info.name, "base_dir": str(info.base_dir), "env": info.env},
        "agent": agent,
        "workers": workers,
    }


def write_status(
    process: Process,
    members: Iterable[Member],
    enabled: set[int],
    state: str = "ready",
    problem: str = "",
    failures: Failures | None = None,
    messages: Mapping[str, object] | None = None,
    restarts: Mapping[int, Mapping[str, int]] | None = None,
    figures: Mapping[str, object] | None = None,
) -> None:
    """Replaces the file, for all users who may list its folder; logs a failure, never raises.

    `state`, `problem`, `failures`, `messages` and `figures` are the agent's; `restarts` has the
    counts of restarts by slot and kind.
    """
    agent: dict[str, object] = {
        "pid": os.getpid(),
        "state": state,
        "since": round(process_start(), 1),
        "errors": failures.count if failures is not None else 0,
        **(figures or {}),
    }
    if failures is not None and failures.last:
        agent["last_error"] = failures.last
    if messages:
        agent["messages"] = messages
    if problem:
        agent["problem"] = problem
    try:
        content = redact(report(process.info, agent, members, enabled, restarts))
        mode = public_mode(process.rundir)
        write_whole(process.rundir / STATUS, json.dumps(content).encode(), mode)
    except OSError as exc:
        process.console.write(ERROR, f"{process.rundir / STATUS}: {exc.strerror}")


def _worker(slot: int, member: Member | None, enabled: bool) -> dict[str, object]:
    if member is None:
        return {"slot": slot, "pid": 0, "state": "down", "since": 0.0, "enabled": enabled}
    pid = 0 if member.state == "left" else member.pid
    own = {"slot": slot, "pid": pid, "state": member.state, "since": member.since}
    return {**member.figures, **own, "enabled": enabled}


def _counts(restarts: Mapping[str, int] | None) -> dict[str, object]:
    return {"restarts": dict(restarts)} if restarts else {}
