"""A host as the command line sees it: systemctl and journalctl on PATH, a runtime directory."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import forkserver

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("fake_systemd.py")


class Host:
    """Units in a state file, changed by real processes; `workers` are enabled and stopped."""

    def __init__(self, home: Path, workers: int = 3) -> None:
        self.home = home
        for name in ("bin", "run"):
            (home / name).mkdir()
        # On the fake host every process stays ready, so a reload need not wait.
        (home / "defaults").write_text("EGG_MIN_READY_SECONDS=0\n")
        for name in ("agent.sock", *(f"worker-{slot}.sock" for slot in range(9))):
            (home / "run" / name).touch()
        self._state = home / "state.json"
        self._state.write_text(json.dumps({"system": "running", "units": {}}))
        for slot in range(1, workers + 1):
            self.set(worker(slot), enabled=True)
        for name in ("systemctl", "journalctl"):
            tool = home / "bin" / name
            tool.write_text(f'#!/bin/sh\nexec {sys.executable} -S {SCRIPT} {home} {name} "$@"\n')
            tool.chmod(0o755)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "RUNTIME_DIRECTORY": str(self.home / "run"),
            "EGGD_RUNDIR": str(self.home / "run"),
            "EGG_DEFAULTS": str(self.home / "defaults"),
            # Root would run an app's code as user eggd, who may be missing and cannot read /root.
            "EGGD_USER": pwd.getpwuid(os.geteuid()).pw_name,
        }

    def set(self, unit: str, **fields: object) -> None:
        state = self.read()
        state["units"].setdefault(unit, {"active": "inactive", "sub": "dead"}).update(fields)
        self._write(state)

    def system(self, **fields: object) -> None:
        self._write({**self.read(), **fields})

    def _write(self, state: dict[str, Any]) -> None:
        """Replaces the file as a whole: a command may read it at any moment."""
        new = self._state.with_suffix(".new")
        new.write_text(json.dumps(state))
        new.replace(self._state)

    def read(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self._state.read_text())
        return state

    def unit(self, name: str) -> dict[str, Any]:
        about: dict[str, Any] = self.read()["units"].get(name, {"active": "inactive"})
        return about

    @property
    def active(self) -> list[str]:
        return sorted(n for n, u in self.read()["units"].items() if u["active"] != "inactive")

    def up(self) -> None:
        """All enabled workers run, as after a start."""
        state = self.read()
        workers = [name for name, unit in state["units"].items() if unit.get("enabled")]
        names = ["egg.socket", "egg-agent.socket", "egg-agent.service", "egg-master.service"]
        for pid, name in enumerate([*names, *workers], 10):
            self.set(name, active="active", sub="running", pid=pid)

    def identity(self, slot: int, **fields: object) -> None:
        """Writes the application of a running worker."""
        about = {"base_dir": "/srv/shop", "name": "shop", "env": "prod", "settings": "5f"}
        content = {"pid": self.unit(worker(slot))["pid"], **about, "code": "91", **fields}
        (self.home / "run" / f"worker-{slot}.app").write_text(json.dumps(content))

    def calls(self, *verbs: str) -> list[str]:
        """The systemctl calls so far whose verb is one of these, in order."""
        file = self.home / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if line.split()[0] in verbs]

    def fewest_ready(self) -> int:
        """The smallest number of workers that were ready after any change."""
        return min(int(line) for line in (self.home / "ready").read_text().split())

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return forkserver.run(*command, environ={**self.environ, **more}, folder=self.home)

    def eggd(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run("eggd", *arguments, **more)

    def master(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run("eggd.host.master", *arguments, **more)


def error(done: subprocess.CompletedProcess[str]) -> str:
    """Returns the last line of stderr: on a busy machine, lines of progress precede it."""
    return done.stderr.splitlines()[-1]


def worker(slot: int) -> str:
    return f"egg-worker@{slot}.service"
