"""The content of `eggd status`: the agent's file, and for root the states of the units.

The file outlives the agent, so a pid in it is valid only while that process runs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from eggd.errors import SystemdError
from eggd.host.enabled import enabled_slots
from eggd.host.relisten import is_removed, pending
from eggd.host.unit_state import UnitState
from eggd.identityfile import current_mixture, reloading, runs
from eggd.smallfile import read_own
from eggd.suite.files import STATUS
from eggd.suite.names import DEFAULT, SuiteNames
from eggd.suite.recycle import FIGURE, LONGEST
from eggd.suite.restart import RECYCLED
from eggd.suite.slots import LAST_SLOT
from eggd.version import __version__
from eggd.wire.terminal import visible_data, visible_line

STOPPED, DEGRADED, RUNNING = "stopped", "degraded", "running"
RECYCLING = "recycling"
"""The state of a worker between its end by `cluster.recycle` and the readiness of the next."""

View = dict[str, Any]
"""The file's content, plus `state` and `problems`; what `eggd status --json` prints."""

_ENDED = ("down", "left", "failed")
_BETWEEN = ("leaving", "left", "down", "retrying", "starting")
_UNWELL = ("starting", "retrying", "failed")
_GONE: View = {"pid": 0, "state": "down", "since": 0.0}
_KINDS = {
    **{"pid": int, "slot": int, "requests": int, "connections": int},
    **{"since": float, "state": str, "reason": str, "problem": str, "enabled": bool},
    **{"name": str, "env": str, "base_dir": str, "errors": int, "last_error": str},
    "last_restart": dict,
    FIGURE: str,
    "metrics": str,
    "outdated": str,
    "logs": str,
}
"""The type of each key that this command reads; other keys are passed on."""
_READ = {"left": "stopped", "leaving": "stopping"}
_WORDS = {
    "active": "ready",
    "reloading": "ready",
    "activating": "starting",
    "deactivating": "leaving",
    "failed": "failed",
}


class Units(Protocol):
    """The units of systemd (`Systemctl`) or of a supervisor (`eggd.cli.local.LocalUnits`)."""

    def state(self, unit: str) -> UnitState:
        """Returns the state of one unit."""
        ...

    def states(self, *units: str) -> list[UnitState]:
        """Returns the states of units; a pattern matches the existing ones."""
        ...

    def wants(self, unit: str) -> list[str]:
        """Returns the names that a unit pulls in."""
        ...

    def listens(self, unit: str) -> list[str]:
        """Returns the addresses of a socket unit; empty if they are not known."""
        ...


def build(
    runtime: Path,
    systemctl: Units | None,
    cure: str = "",
    names: SuiteNames = DEFAULT,
) -> View:
    """Returns the view; without `systemctl`, or if it fails, from the agent's file only.

    `cure` is the command that makes all processes run the same application (default: `reload` of
    the application of `names`).
    """
    cure = cure or names.command("reload")
    view = _read(runtime / STATUS)
    view["agent"] = _alive(view["agent"])
    view["workers"] = [_alive(each) for each in view["workers"]]
    if runtime == Path(names.runtime):
        _count(view, enabled_slots(map(Path, names.wants), names))
        view["pending"] = _pending(names)
    if systemctl is not None:
        try:
            _units(view, systemctl, names)
        except SystemdError:
            pass  # no systemd here: the file is all there is
    view["workers"] = [_recycling(each) for each in view["workers"] if _counts(each)]
    up = [view["agent"], *view["workers"]]
    if not any(each["state"] not in _ENDED for each in up):
        failed = [each for each in view["workers"] if each.get("reason")]
        problems = [*_listener(view, names), *(_problem(each) for each in failed)]
        return {"state": STOPPED, "problems": problems, **view}
    problems = [
        *_listener(view, names),
        *_problems(view, names),
        *_unlogged(view),
        *_lost(runtime, view, cure),
        *_mixture(runtime, view, systemctl, cure, names),
    ]
    return {"state": DEGRADED if problems else RUNNING, "problems": problems, **view}


def outdated(runtime: Path) -> str:
    """Returns which files changed since the agent started, with the command for it; else ""."""
    return str(_read(runtime / STATUS)["agent"].get("outdated", ""))


def in_folder(view: View, base_dir: str) -> View:
    """Returns the view with this folder if no process has reported its application."""
    return view if view["app"] or not base_dir else {**view, "app": {"base_dir": base_dir}}


def _read(path: Path) -> View:
    try:
        content = json.loads(read_own(path))
        return {
            "version": visible_line(str(content["version"])),
            "app": _sound(content["app"]),
            "agent": {**_GONE, **_sound(content["agent"])},
            "workers": [
                {**_GONE, "enabled": False, **_sound(each)}
                for each in content["workers"][: LAST_SLOT + 1]
                if type(each["slot"]) is int and 0 <= each["slot"] <= LAST_SLOT
            ],
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {"version": __version__, "app": {}, "agent": dict(_GONE), "workers": []}


def _sound(about: View) -> View:
    """Returns the values of the right type, texts without control characters.

    The service user writes the file, and root's terminal shows it.
    """
    clean = {visible_line(key): visible_data(value) for key, value in about.items()}
    return {
        key: value for key, value in clean.items() if type(value) is _KINDS.get(key, type(value))
    }


def _counts(each: View) -> bool:
    return bool(each["enabled"] or each["pid"] or each["state"] == "retrying")


def _pending(names: SuiteNames) -> list[str]:
    """Returns changes that wait for a restart; they are not problems of the running suite."""
    address, cure = visible_line(pending(Path(names.drop_ins))), names.command("restart")
    return [f"{names.listener} will listen on {address}: run '{cure}'"] if address else []


def _alive(each: View) -> View:
    if each["pid"] and not runs(each["pid"]):
        return {**each, "pid": 0, "state": "failed" if each["state"] == "failed" else "down"}
    return each


def _units(view: View, systemctl: Units, names: SuiteNames) -> None:
    view["agent"] = _merge(view["agent"], systemctl.state(names.agent))
    enabled = [unit for unit in systemctl.wants(names.master) if names.slot(unit)]
    _count(view, {slot for unit in enabled if (slot := names.slot(unit))})
    # The pattern gives loaded units, and a masked unit is not loaded once it is stopped.
    listed = systemctl.states(names.workers, *enabled)
    states = {names.slot(state.unit): state for state in listed}
    known = {each["slot"]: each for each in view["workers"]}
    for slot, state in states.items():
        if slot is not None:
            each = known.get(slot, {"slot": slot, **_GONE, "enabled": False})
            known[slot] = _merge(each, state)
    view["workers"] = [known[slot] for slot in sorted(known)]
    view["listener"] = _WORDS.get(systemctl.state(names.listener).active, "down")
    view["address"] = systemctl.listens(names.listener)


def _count(view: View, enabled: set[int]) -> None:
    """Sets which workers are enabled: the file may be older than the last `eggd scale`."""
    known = {each["slot"]: {**each, "enabled": False} for each in view["workers"]}
    for slot in enabled:
        known[slot] = {"slot": slot, **_GONE, **known.get(slot, {}), "enabled": True}
    view["workers"] = [known[slot] for slot in sorted(known)]


def _merge(each: View, state: UnitState) -> View:
    """Returns what the process reported while it is ready; if not, systemd's state and reason."""
    if state.ready and each["state"] not in _ENDED:
        return each
    word = "retrying" if state.sub == "auto-restart" else _WORDS.get(state.active, "down")
    merged = {**each, "pid": state.pid, "state": word}
    # A stopped unit keeps its last status, which is not the reason of its state.
    is_reason = state.masked or (word in _UNWELL and state.why)
    return {**merged, "reason": state.why} if is_reason else merged


def _listener(view: View, names: SuiteNames) -> Iterable[str]:
    if view.get("listener") == "failed":
        yield f"{names.listener} has failed: see 'systemctl status {names.listener}'"
    for address in filter(is_removed, view.get("address", ()) if _is_open(view) else ()):
        cure = names.command("restart")
        yield f"{names.listener}: {visible_line(address)} was removed: run '{cure}'"


def _is_open(view: View) -> bool:
    return view.get("listener") == "ready"


def _problems(view: View, names: SuiteNames) -> Iterable[str]:
    if view.get("listener") == "down":
        yield f"{names.listener} is stopped: run '{names.command('start')}'"
    if view["agent"]["state"] != "ready":
        yield _problem(view["agent"])
    if not view["workers"]:
        yield "no worker is enabled"
    for each in view["workers"]:
        is_missing = each["state"] not in ("ready", RECYCLING)
        if is_missing and (each["enabled"] or each["state"] != "down"):
            yield _problem(each)


def _recycling(each: View) -> View:
    """Returns a worker that is being recycled with that state; for two minutes, because a worker
    that does not come back is missing."""
    planned = each.get(FIGURE)
    if each["state"] == "starting":
        planned = each.get("last_restart", {}).get("kind") == RECYCLED
    is_on_its_way = each["enabled"] and each["state"] in _BETWEEN
    if planned and is_on_its_way and abs(time.time() - each["since"]) < LONGEST:
        return {**each, "state": RECYCLING, "reason": ""}
    return each


def _lost(runtime: Path, view: View, cure: str) -> Iterable[str]:
    """Yields sockets that were removed while the processes run, so that messages are lost."""
    ready = [each for each in (view["agent"], *view["workers"]) if each["state"] == "ready"]
    if ready and not runtime.is_dir():
        yield f"{runtime} was removed, messages are lost: run '{cure}'"
        return
    problem = view["agent"].get("problem", "")
    if problem and view["agent"] in ready:
        yield f"{problem}: run '{cure}'"
    for each in ready:
        name = f"worker-{each['slot']}.sock" if "slot" in each else "agent.sock"
        if not ("slot" not in each and problem) and not (runtime / name).exists():
            yield f"{runtime / name} was removed, messages to it are lost: run '{cure}'"


def _unlogged(view: View) -> Iterable[str]:
    """Yields each log file that processes cannot write, with their names."""
    processes: dict[str, list[str]] = {}
    for each in (view["agent"], *view["workers"]):
        if each["state"] == "ready" and each.get("logs"):
            name = f"worker {each['slot']}" if "slot" in each else "agent"
            processes.setdefault(each["logs"], []).append(name)
    for text, names in processes.items():
        yield f"{text}: lines are missing in it ({', '.join(names)})"


def _mixture(
    runtime: Path, view: View, systemctl: Units | None, cure: str, names: SuiteNames
) -> Iterable[str]:
    workers = {each["slot"]: each["pid"] for each in view["workers"] if each["state"] == "ready"}
    text = current_mixture(runtime, view["agent"]["pid"], workers)
    if text and not (reloading(runtime) and _reloads(systemctl, names)):
        yield f"{text}: run '{cure}'"


def _reloads(systemctl: Units | None, names: SuiteNames) -> bool:
    """Whether a reload may be running; an idle egg-master with a spare means a failed reload."""
    try:
        return systemctl is None or systemctl.state(names.master).active != "active"
    except SystemdError:
        return True


def _problem(each: Mapping[str, object]) -> str:
    name = f"worker {each['slot']}" if "slot" in each else "agent"
    text, reason = f"{name} is {word(str(each['state']))}", each.get("reason")
    return f"{text}: {reason}" if reason else text


def word(state: str) -> str:
    """Returns a state as tables show it: a worker that has `left` is stopped."""
    return _READ.get(state, state)
