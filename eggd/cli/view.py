"""What `eggd status` shows: the agent's file as anybody reads it, and over it root's view of units.

The file outlives the agent, so a pid in it counts only while that process lives.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from eggd.errors import SystemdError
from eggd.process.slots import AGENT, LISTENER, WORKERS, slot_of
from eggd.process.systemctl import Systemctl, UnitState
from eggd.version import __version__

RUNTIME = Path("/run/eggd")
"""The runtime directory of the units."""

FILE = "status.json"

STOPPED, DEGRADED, RUNNING = "stopped", "degraded", "running"

View = dict[str, Any]
"""The file's content, plus `state` and `problems`; what `eggd status --json` prints."""

_ENDED = ("down", "left", "failed")
_UNWELL = ("starting", "retrying", "failed")
_GONE: View = {"pid": 0, "state": "down", "since": 0.0}
_WORDS = {
    "active": "ready",
    "reloading": "ready",
    "activating": "starting",
    "deactivating": "leaving",
    "failed": "failed",
}


def build(runtime: Path, systemctl: Systemctl | None) -> View:
    """Return the view; without `systemctl`, or where it refuses, it is the file's alone."""
    view = _read(runtime / FILE)
    view["agent"] = _alive(view["agent"])
    workers = [_alive(each) for each in view["workers"]]
    view["workers"] = [each for each in workers if each["enabled"] or each["pid"]]
    if systemctl is not None:
        try:
            _units(view, systemctl)
        except SystemdError:
            pass  # no systemd here: the file is all there is
    up = [view["agent"], *view["workers"]]
    if not any(each["state"] not in _ENDED for each in up):
        failed = [each for each in view["workers"] if each.get("reason")]
        problems = [*_listener(view), *(_problem(each) for each in failed)]
        return {"state": STOPPED, "problems": problems, **view}
    problems = [*_listener(view), *_problems(view)]
    return {"state": DEGRADED if problems else RUNNING, "problems": problems, **view}


def _read(path: Path) -> View:
    try:
        content = json.loads(path.read_bytes())
        workers = [dict(each) for each in content["workers"] if type(each["slot"]) is int]
        return {
            "version": str(content["version"]),
            "app": dict(content["app"]),
            "agent": {**_GONE, **content["agent"]},
            "workers": [{**_GONE, "enabled": False, **each} for each in workers],
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {"version": __version__, "app": {}, "agent": dict(_GONE), "workers": []}


def _alive(each: View) -> View:
    if each["pid"] and not _runs(each["pid"]):
        return {**each, "pid": 0, "state": "failed" if each["state"] == "failed" else "down"}
    return each


def _runs(pid: object) -> bool:
    if type(pid) is not int or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _units(view: View, systemctl: Systemctl) -> None:
    view["agent"] = _merged(view["agent"], systemctl.state(AGENT))
    known = {each["slot"]: each for each in view["workers"]}
    states = {slot: state for state in systemctl.states(WORKERS) if (slot := _slot(state)) >= 0}
    for slot, state in states.items():
        each = known.get(slot, {"slot": slot, **_GONE})
        known[slot] = {**_merged(each, state), "enabled": state.enabled}
    shown = {slot for slot, each in known.items() if each["enabled"] or each["state"] != "down"}
    view["workers"] = [known[slot] for slot in sorted(shown)]
    view["listener"] = _WORDS.get(systemctl.state(LISTENER).active, "down")


def _slot(state: UnitState) -> int:
    slot = slot_of(state.unit)
    return -1 if slot is None else slot


def _merged(each: View, state: UnitState) -> View:
    """What the process said itself while it is up; else what systemd says, with the reason."""
    if state.ready and each["state"] not in _ENDED:
        return each
    word = "retrying" if state.sub == "auto-restart" else _WORDS.get(state.active, "down")
    merged = {**each, "pid": state.pid, "state": word}
    # A unit that was stopped keeps its last status, which is no reason for anything.
    return {**merged, "reason": state.status} if word in _UNWELL and state.status else merged


def _listener(view: View) -> Iterable[str]:
    if view.get("listener") == "failed":
        yield f"{LISTENER} has failed: systemctl status {LISTENER}"


def _problems(view: View) -> Iterable[str]:
    if view["agent"]["state"] != "ready":
        yield _problem(view["agent"])
    if not view["workers"]:
        yield "no worker is enabled"
    for each in view["workers"]:
        if each["state"] != "ready" and (each["enabled"] or each["state"] != "down"):
            yield _problem(each)


def _problem(each: Mapping[str, object]) -> str:
    name = f"worker {each['slot']}" if "slot" in each else "agent"
    reason = each.get("reason")
    return f"{name} is {each['state']}: {reason}" if reason else f"{name} is {each['state']}"
