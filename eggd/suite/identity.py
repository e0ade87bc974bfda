"""Records which application a process runs, in a file beside its socket in the runtime directory.

    agent.app, worker-1.app    {"pid": 40, "base_dir": "/srv/shop", "name": "shop", "env": "prod",
                                "settings": "5f0c...", "code": "91aa..."}

A process writes its file before READY=1, so that a command that waits for it (a reload, `systemctl
start`) reads the current state. A file is valid only for the process that it names: a dead process
may leave its file behind.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from eggd.smallfile import read_own
from eggd.suite.slots import SPARE

AGENT_FILE = "agent.app"
"""The name of the agent's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The application of one process; all workers and the agent should have the same."""

    pid: int
    base_dir: str
    """The app's folder without symbolic links: two releases behind one link differ."""
    name: str
    env: str
    settings: str
    """A digest of the other inputs of its config: scope, `EGG_*` variables, the version of eggd."""
    code: str
    """A digest of the app's Python files that it had imported when it became ready."""

    @property
    def application(self) -> tuple[str, str, str, str]:
        """The values that agent and workers must share; not `code`, as the agent imports other
        files."""
        return self.base_dir, self.name, self.env, self.settings

    @property
    def title(self) -> str:
        """A description of the application: `shop (prod) in /srv/shop`."""
        return f"{self.name} ({self.env}) in {self.base_dir}"


def file_of(slot: int) -> str:
    """Returns the name of a worker's file."""
    return f"worker-{slot}.app"


def write(path: Path, identity: Identity) -> None:
    """Replaces the file, readable by all users; raises OSError."""
    fd, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            json.dump(asdict(identity), file)
            os.fchmod(file.fileno(), 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def read(path: Path, pid: int | None = None) -> Identity | None:
    """Returns the identity that process `pid` wrote; None without a valid file of that process.

    Without `pid` it is that of the process that wrote the file, if that still runs. The service
    user owns the file, so the type of each value is checked.
    """
    try:
        data = json.loads(read_own(path))
        values = {each.name: data[each.name] for each in fields(Identity)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    texts = [value for key, value in values.items() if key != "pid"]
    if type(values["pid"]) is not int or not all(isinstance(text, str) for text in texts):
        return None
    found = Identity(**values)
    return found if (found.pid == pid if pid is not None else _runs(found.pid)) else None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return pid > 0
    except (OSError, OverflowError):
        return False
    return pid > 0


def mixed(rundir: Path, agent: int, workers: Mapping[int, int]) -> str:
    """Returns a line on mixed processes; "" if all run the same, or while the spare of a reload
    runs.

    `agent` is a pid, and `workers` are those of the workers that serve, by slot.
    """
    if rolling(rundir):
        return ""
    return compared(rundir, agent, workers)


def rolling(rundir: Path) -> bool:
    """Whether the spare of a reload runs: until it ends, a mixture is expected."""
    return read(rundir / file_of(SPARE)) is not None


def compared(rundir: Path, agent: int, workers: Mapping[int, int]) -> str:
    """Returns the line of `mixed`, also during a reload."""
    found = {slot: read(rundir / file_of(slot), pid) for slot, pid in workers.items()}
    known = {slot: each for slot, each in found.items() if each is not None}
    return mixture(read(rundir / AGENT_FILE, agent), known)


def mixture(agent: Identity | None, workers: Mapping[int, Identity]) -> str:
    """Returns one line that names the mixed processes; "" if agent and workers run the same."""
    named = {f"worker {slot}": workers[slot] for slot in sorted(workers)}
    everybody = {"agent": agent, **named} if agent else named
    applications = {each.application for each in everybody.values()}
    if len(applications) > 1:
        groups = _grouped({name: (each.application, each) for name, each in everybody.items()})
        return f"{len(applications)} applications are mixed: {'; '.join(_titled(groups))}"
    groups = _grouped({name: (each.code, each) for name, each in named.items()})
    if len(groups) > 1:
        return f"workers run different code: {'; '.join(names for names, _ in groups)}"
    return ""


def agent_differs(rundir: Path, agent: int, spare: int) -> str:
    """Returns why a reload replaces the agent, by pid of agent and spare; "" if it keeps it."""
    return differs(read(rundir / AGENT_FILE, agent), read(rundir / file_of(SPARE), spare))


def differs(agent: Identity | None, worker: Identity | None) -> str:
    """Returns how an agent's application differs from a worker's; "" if equal or unknown."""
    if agent is None or worker is None or agent.application == worker.application:
        return ""
    if agent.title == worker.title:
        return f"it runs {agent.title} with other settings"
    return f"it runs {agent.title}, not {worker.title}"


def _grouped(keyed: Mapping[str, tuple[object, Identity]]) -> list[tuple[str, Identity]]:
    """Returns the names grouped by key, each group with the identity of its first name."""
    alike: dict[object, list[str]] = {}
    for name, (key, _) in keyed.items():
        alike.setdefault(key, []).append(name)
    return [(", ".join(names), keyed[names[0]][1]) for names in alike.values()]


def _titled(groups: Iterable[tuple[str, Identity]]) -> list[str]:
    groups = list(groups)
    alike = len({each.title for _, each in groups}) < len(groups)
    return [
        f"{names}: {each.title}" + (f", settings {each.settings}" if alike else "")
        for names, each in groups
    ]
