"""A fake systemctl and journalctl over a state file, as processes (host.py).

Starting, reloading and stopping egg-master.service runs the real `eggd.host.master`. Standard
library only; the state is read and replaced around every step, so that nested calls see it.
"""

import errno
import fnmatch
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOME = Path(sys.argv[1])
STATE = HOME / "state.json"
MASTER, AGENT = "egg-master.service", "egg-agent.service"
LISTENER, INBOX = "egg.socket", "egg-agent.socket"


def load() -> dict[str, Any]:
    state: dict[str, Any] = json.loads(STATE.read_text())
    return state


def save(state: dict[str, Any]) -> None:
    new = STATE.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(state))
    new.replace(STATE)


def unit_in(state: dict[str, Any], name: str) -> dict[str, Any]:
    unit: dict[str, Any] = state["units"].setdefault(name, {"active": "inactive", "sub": "dead"})
    return unit


def change(name: str, **fields: object) -> None:
    state = load()
    unit_in(state, name).update(fields)
    save(state)
    ready = [
        unit
        for unit, about in state["units"].items()
        if unit.startswith("egg-worker@") and about["active"] == "active"
    ]
    with (HOME / "ready").open("a") as file:
        file.write(f"{len(ready)}\n")


def is_active(name: str) -> bool:
    return str(unit_in(load(), name)["active"]) == "active"


def fail(name: str, reason: str, text: str) -> int:
    state = load()
    socket = name.endswith(".socket")
    unit = unit_in(state, name)
    if reason and not unit.get("mute"):
        unit.setdefault("journal", []).append(reason)
    save(state)
    ends = ("failed", "failed") if socket or name == MASTER else ("activating", "auto-restart")
    change(name, active=ends[0], sub=ends[1], result="exit-code", pid=0)
    print(text, file=sys.stderr)
    return 1


def master(verb: str) -> int:
    command = [sys.executable, "-P", "-m", "eggd.host.master", verb]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    state = load()
    lines = done.stderr.splitlines()
    unit = unit_in(state, MASTER)
    unit.setdefault("journal", []).extend(line[3:] for line in lines if line.startswith("<3>"))
    unit.setdefault("log", []).extend(lines)
    save(state)
    return done.returncode


def start(name: str) -> int:
    if is_active(name):
        return 0
    unit = unit_in(load(), name)
    if unit.get("load") == "masked":
        print(f"Failed to start {name}: Unit {name} is masked.", file=sys.stderr)
        return 1
    if unit.get("waits"):
        change(name, active="activating", sub="start")
        Path(unit["waits"]).read_bytes()
    if name == MASTER:
        if master("start"):
            stop_master("")
            return fail(name, "", f"Job for {name} failed because ...")
    elif name.startswith("egg-worker@") and start(LISTENER):
        change(name, active="inactive", sub="dead")
        print(f"A dependency job for {name} failed.", file=sys.stderr)
        return 1
    elif unit.get("fails"):
        return fail(name, unit["fails"], f"Job for {name} failed because ...")
    change(name, active="active", sub="running", pid=next_pid())
    return 0


def next_pid() -> int:
    state = load()
    pid = int(state.get("next_pid", 100)) + 1
    save({**state, "next_pid": pid})
    return pid


def stop(name: str) -> int:
    if name == MASTER and is_active(MASTER):
        stop_master("stop")
    change(name, active="inactive", sub="dead", pid=0)
    return 0


def stop_master(job: str) -> None:
    """Runs ExecStopPost= of egg-master, under a job of that type ("" without a job)."""
    change(MASTER, job=job)
    master("stop")
    change(MASTER, job="")


def restart(name: str) -> int:
    if unit_in(load(), name).get("load") == "masked":
        return start(name) if not is_active(name) else 1
    if name == MASTER and is_active(MASTER):
        stop_master("restart")
        change(MASTER, active="inactive", sub="dead")
    stop(name)
    return start(name)


def reload(name: str) -> int:
    if not is_active(name):
        print(f"{name} is not active, cannot reload.", file=sys.stderr)
        return 1
    if unit_in(load(), name).get("canceled"):
        print(f"Job for {name} canceled.", file=sys.stderr)
        return 1
    return master("reload")


def switch(name: str, enabled: bool) -> int:
    change(name, enabled=enabled)
    return 0


def expand(names: list[str]) -> list[str]:
    units = load()["units"]
    # systemd unloads a masked unit when it is down.
    loaded = sorted(
        name
        for name, unit in units.items()
        if unit["active"] != "inactive" or unit.get("load") != "masked"
    )
    found: list[str] = []
    for name in names:
        found += fnmatch.filter(loaded, name) if "*" in name else [name]
    return found


def show(arguments: list[str]) -> int:
    names = expand(arguments[arguments.index("--") + 1 :])
    state = load()
    if "Listen" in arguments:
        print("\n".join(f"{unit_in(state, n).get('listen', '[::]:7001')} (Stream)" for n in names))
        return 0
    if "Wants" in arguments:
        enabled = [name for name, unit in sorted(state["units"].items()) if unit.get("enabled")]
        print(" ".join([LISTENER, INBOX, AGENT, *enabled]))
        return 0
    print("\n\n".join(block(name, unit_in(state, name)) for name in names))
    for name in names:
        if (reason := unit_in(state, name).get("dies")) and is_active(name):
            fail(name, reason, "")
    return 0


def block(name: str, unit: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"Id={name}",
            f"ActiveState={unit['active']}",
            f"SubState={unit['sub']}",
            f"Result={unit.get('result', 'success')}",
            f"StatusText={unit.get('status', '')}",
            f"StatusErrno={unit.get('errno', 0)}",
            f"ExecMainCode={unit.get('code', [0, 0])[0]}",
            f"ExecMainStatus={unit.get('code', [0, 0])[1]}",
            f"UnitFileState={'enabled' if unit.get('enabled') else 'disabled'}",
            f"MainPID={unit.get('pid', 0)}",
            f"LoadState={unit.get('load', 'loaded')}",
            f"NeedDaemonReload={unit.get('unread', 'no')}",
        ]
    )


VERBS: dict[str, Callable[[str], int]] = {
    "start": start,
    "stop": stop,
    "restart": restart,
    "reload": reload,
    "enable": lambda name: switch(name, True),
    "disable": lambda name: switch(name, False),
}


def notify() -> None:
    """Reports its exit status to NOTIFY_SOCKET, as the real systemctl does."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"EXIT_STATUS=0", address)


def systemctl(arguments: list[str]) -> int:
    notify()
    arguments = [each for each in arguments if each != "--no-ask-password"]
    state = load()
    if state.get("refused"):
        print("Failed to connect to bus: No such file or directory", file=sys.stderr)
        return 1
    verb = arguments[0]
    with (HOME / "calls").open("a") as file:
        file.write(" ".join(arguments) + "\n")
    if verb == "is-system-running":
        print(state["system"])
        return int(state["system"] != "running")
    if verb == "show":
        return show(arguments)
    if verb == "daemon-reload":
        for unit in state["units"].values():
            unit.pop("unread", None)
        save(state)
        return 0
    if verb == "list-jobs":
        if job := unit_in(state, arguments[-1]).get("job"):
            print(f"17 {arguments[-1]} {job} running")
        return 0
    if verb == "cat":
        print(unit_in(state, arguments[-1]).get("text", ""))
        return 0
    return max([VERBS[verb](name) for name in expand(arguments[1:])], default=0)


def journalctl(arguments: list[str]) -> int:
    named = [each.partition("=")[2] for each in arguments if each.startswith("UNIT=")]
    lines = unit_in(load(), named[0]).get("journal", []) if named else []
    kind = bind_failure if named and named[0].endswith(".socket") else error
    print("\n".join(json.dumps(each if isinstance(each, dict) else kind(each)) for each in lines))
    return 0


def error(text: str) -> dict[str, str]:
    return {"MESSAGE": text, "PRIORITY": "3", "_PID": "40", "_SYSTEMD_INVOCATION_ID": "a"}


def bind_failure(text: str) -> dict[str, str]:
    number = errno.EADDRINUSE if text.endswith(os.strerror(errno.EADDRINUSE)) else errno.EACCES
    return {"MESSAGE": text, "PRIORITY": "4", "_PID": "1", "ERRNO": str(number)}


sys.exit({"systemctl": systemctl, "journalctl": journalctl}[sys.argv[2]](sys.argv[3:]))
