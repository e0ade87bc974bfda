"""The stage of systemd: a booted host with the package, which several scenes share."""

from __future__ import annotations

import shutil
import signal
import socket
from collections.abc import Mapping

from eggd.testing.make_app import make_app
from tests.host.host import PORT, Host
from tests.scenarios.app import APP
from tests.scenarios.stage import Outcome

APP_DIR = "/srv/app"


class BootedStage:
    """A host whose suite is down, with the app of the scenes as if nothing had been before."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.log_dir = host.root / "var/log/eggd"
        self._root = host.root / APP_DIR[1:]
        host.run("eggd stop; systemctl reset-failed; rm -rf /run/eggd/*.boot /var/log/eggd/*")
        shutil.rmtree(self._root, ignore_errors=True)
        make_app(self._root, APP)
        host.configure(EGG_BASE_DIR=APP_DIR)

    def write(self, files: Mapping[str, str]) -> None:
        make_app(self._root, files)

    def start(self, workers: int) -> Outcome:
        self.host.run("rm -f /etc/systemd/system/egg-master.service.wants/egg-worker@*.service")
        self.host.enable(workers)
        self.host.run("systemctl daemon-reload")
        return self.command("start")

    def command(self, *words: str) -> Outcome:
        done = self.host.run(f"eggd {' '.join(words)}", check=False, timeout=120)
        return Outcome(done.returncode == 0, done.stdout + done.stderr)

    def pids(self) -> dict[str, int]:
        units = [unit.removesuffix(".service") for unit in self.host.active()]
        chosen = [unit for unit in units if unit.startswith(("egg-agent", "egg-worker"))]
        found = {unit: self.host.pid(unit) for unit in chosen if not unit.endswith(".socket")}
        return {unit: pid for unit, pid in found.items() if pid}

    def kill(self, unit: str, number: signal.Signals) -> None:
        self.host.run(f"kill -{number.name.removeprefix('SIG')} {self.host.pid(unit)}")

    def mark(self) -> int:
        return self.host.now()

    def await_ready(self, unit: str, after: int) -> None:
        self.host.await_journal(unit, "^Started ", after=after, seconds=60)

    def await_stopping(self, unit: str, after: int) -> None:
        self.host.await_journal(unit, "^Stopping ", after=after, seconds=60)

    def said(self, unit: str, after: int) -> str:
        return "\n".join(record["MESSAGE"] for record in self.host.records(unit, after=after))

    def connect(self) -> socket.socket:
        return self.host.container.connect(PORT, 60)

    def close(self) -> None:
        """Stops what runs."""
        self.host.run("eggd stop")
