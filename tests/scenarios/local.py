"""The stage of the supervisor: `eggd start DIR` in the foreground, its lines read as they come."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Condition, Thread

from eggd.control.client import ask as control
from eggd.supervisor.rundir import find
from eggd.testing.make_app import make_app
from tests import forkserver
from tests.house.imports import ROOT
from tests.ports import free_port
from tests.program import Program
from tests.scenarios.app import APP
from tests.scenarios.stage import Outcome


class LocalStage:
    """One app in a folder with a short path (unix(7))."""

    def __init__(self, home: Path) -> None:
        self.app = make_app(home / "app", APP)
        self.log_dir = self.app / "logs"
        self._lines: list[str] = []
        self._changed = Condition()
        self._process: subprocess.Popen[str] | None = None
        self._reader: Thread | None = None
        self._address = ("127.0.0.1", free_port())

    def write(self, files: Mapping[str, str]) -> None:
        make_app(self.app, files)

    def start(self, workers: int) -> Outcome:
        # A unique title: scenes run in parallel.
        title = f"egg-server-{self.app.parent.name}"
        port = f"{self._address[0]}:{self._address[1]}"
        options = ("--port", port, "--workers", str(workers), "--title", title)
        self._process = Program(
            self._eggd("start", str(self.app), *options),
            env=self._environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self._wait(lambda: self._is_over() or self._has("egg-master[", "eggd started on "))
        return Outcome(not self._is_over(), "".join(self._lines))

    def command(self, *words: str) -> Outcome:
        done = forkserver.eggd(
            *words, str(self.app), environ=self._environ(), folder=self.app.parent
        )
        return Outcome(done.returncode == 0, done.stdout + done.stderr)

    def pids(self) -> dict[str, int]:
        run = find(self.app, self._environ())
        if not (run / "control.sock").exists():
            return {}
        answer = control(run, {"command": "status"}, lambda text: None, 60)
        units = json.loads(json.dumps(answer))["units"]
        return {unit["unit"].removesuffix(".service"): unit["pid"] for unit in units if unit["pid"]}

    def kill(self, unit: str, number: signal.Signals) -> None:
        os.kill(self.pids()[unit], number)

    def mark(self) -> int:
        with self._changed:
            return len(self._lines)

    def await_ready(self, unit: str, after: int) -> None:
        self._wait(lambda: self._has("egg-master[", f" {unit}.service: ready\n", after=after))

    def await_stopping(self, unit: str, after: int) -> None:
        self._wait(lambda: self._has("egg-master[", "stopping the workers", after=after))

    def said(self, unit: str, after: int) -> str:
        with self._changed:
            return "".join(line for line in self._lines[after:] if f" {unit}[" in line)

    def connect(self) -> socket.socket:
        return socket.create_connection(self._address, 60)

    def close(self) -> None:
        """Stops what runs."""
        if self._process is not None and self._reader is not None:
            self._process.terminate()
            self._process.wait()
            self._reader.join(60)
            assert self._process.stdout is not None
            self._process.stdout.close()

    def _eggd(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "eggd", *words]

    def _environ(self) -> dict[str, str]:
        own = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        pause = {"EGG_MIN_READY_SECONDS": "0"}  # as on booted hosts (Host.configure)
        return {**own, **pause, "XDG_RUNTIME_DIR": str(self.app.parent)}

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()
        self._process.wait()
        with self._changed:
            self._changed.notify_all()

    def _is_over(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def _has(self, *texts: str, after: int = 0) -> bool:
        return any(all(text in line for text in texts) for line in self._lines[after:])

    def _wait(self, happened: Callable[[], bool]) -> None:
        with self._changed:
            if not self._changed.wait_for(happened, 60):
                raise AssertionError("".join(self._lines[-50:]))
