"""`Host`: a booted Debian as a test sees it: commands, HTTP, journal, units, files, load."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.host.nspawn import Container
from tests.program import Program

APPS = Path(__file__).parent / "apps"
LOAD = Path(__file__).parent / "load.py"
APP_DIR = "/srv/app"
PORT = 7001
Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(slots=True)
class Load:
    """The counts of the load generator (load.py); filled when the load has ended."""

    requests: int = 0
    failures: list[dict[str, object]] = field(default_factory=list)
    pids: dict[str, int] = field(default_factory=dict)
    worst_ms: float = 0.0


class Host:
    """One booted host. Every method that waits, waits for an event and has a limit in seconds."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.root = container.root

    def run(
        self,
        script: str,
        *,
        user: str = "root",
        check: bool = True,
        timeout: float = 300,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a shell script inside; AssertionError with its whole output when it fails."""
        switch = [] if user == "root" else ["runuser", "-u", user, "--"]
        done = subprocess.run(
            self.container.command(*switch, "bash", "-c", script, env=env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert not check or done.returncode == 0, (
            f"{script}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done

    def out(self, script: str, *, user: str = "root") -> str:
        """Standard output of a script that must succeed, stripped."""
        return self.run(script, user=user).stdout.strip()

    def http(self, path: str = "/", *, port: int = PORT, timeout: float = 60) -> Reply:
        """One request on a connection of its own, to 127.0.0.1 inside."""
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.sock = self.container.connect(port, timeout)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()

    def refuses(self, port: int = PORT) -> bool:
        """Whether the port is closed."""
        try:
            self.container.connect(port).close()
        except ConnectionRefusedError:
            return True
        return False

    def journal(self, *units: str) -> str:
        """The messages of units (all boots), one per line; of everything without a unit."""
        return "\n".join(record["MESSAGE"] for record in self.records(*units))

    def records(self, *units: str, after: int = 0) -> list[Record]:
        """The journal records of units, PID 1's about them included, in order."""
        chosen = " ".join(f"-u '{unit}'" for unit in units)
        lines = self.out(f"journalctl --sync; journalctl -q --no-pager -o json {chosen}")
        return [record for line in lines.splitlines() if micros(record := _record(line)) > after]

    def now(self) -> int:
        """Returns the current position in the journal: every earlier entry lies before it.

        (journalctl's own --after-cursor skips a record where it also filters by unit.)
        """
        self.run("journalctl --sync")
        return time.time_ns() // 1000

    def await_journal(
        self, unit: str, pattern: str, *, count: int = 1, seconds: float = 120, after: int = 0
    ) -> list[Record]:
        """Waits until `count` messages of the unit match, logged after `after`; return them."""
        follow = Program[bytes](
            self.container.command("journalctl", "-q", "-f", "-n", "all", "-o", "json", "-u", unit),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        try:
            return _collect(follow, re.compile(pattern), count, seconds, after)
        finally:
            _end(follow)

    def show(self, unit: str, name: str) -> str:
        """One property of a unit, as systemd has it."""
        return self.out(f"systemctl show -P {name} '{unit}'")

    def await_status(self, unit: str, pattern: str, *, seconds: float = 60) -> str:
        """Waits until the unit's STATUS= matches; returns it. (It makes no event to wait for.)"""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, text := self.show(unit, "StatusText")):
            assert time.monotonic() < deadline, f"{unit}: {text!r}, not {pattern!r}"
            time.sleep(0.1)
        return text

    def pid(self, unit: str) -> int:
        """The unit's main pid; 0 if it has no process."""
        return int(self.show(unit, "MainPID"))

    def pids(self, workers: int) -> dict[int, int]:
        """Main pids of workers 1 to N, by slot."""
        return {slot: self.pid(f"egg-worker@{slot}") for slot in range(1, workers + 1)}

    def active(self) -> list[str]:
        """Every unit of the suite that is not down, sorted: `egg.socket`, ..."""
        shown = self.out(
            "systemctl list-units --plain --no-legend --type=service,socket"
            " --state=active,activating 'egg*'"
        )
        return sorted(line.split()[0] for line in shown.splitlines())

    def processes(self) -> list[str]:
        """Command lines of every process of eggd's, wherever it belongs."""
        lines = self.out(
            "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -x 'eggd[.].*' || :"
        )
        return lines.splitlines()

    def status(self, *, user: str = "root") -> Any:
        """`eggd status --json`."""
        return json.loads(self.run("eggd status --json", user=user, check=False).stdout)

    def write(self, path: str, text: str) -> None:
        """Makes a file inside, with its folders."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def serve(self, app: str, *, workers: int = 1, at: str = APP_DIR) -> None:
        """Makes a test app (apps/NAME) what the host serves, by N enabled workers, at next start.

        Works on a host that is not booted yet, too.
        """
        target = self.root / at.lstrip("/")
        shutil.copytree(APPS / app, target, ignore=shutil.ignore_patterns("__pycache__"))
        self.configure(EGG_BASE_DIR=at)
        self.enable(workers)

    def configure(self, **settings: str) -> None:
        """Writes /etc/default/eggd; a roll does not pause unless `settings` set a pause."""
        settings = {"EGG_MIN_READY_SECONDS": "0", **settings}
        self.write("/etc/default/eggd", "".join(f"{k}={v}\n" for k, v in settings.items()))

    def enable(self, workers: int) -> None:
        """Link workers 1 to N, as `systemctl enable` does."""
        wants = self.root / "etc/systemd/system/egg-master.service.wants"
        wants.mkdir(parents=True, exist_ok=True)
        for slot in range(1, workers + 1):
            link = wants / f"egg-worker@{slot}.service"
            if not link.is_symlink():
                link.symlink_to("/lib/systemd/system/egg-worker@.service")

    @contextmanager
    def load(
        self, *, connections: int, path: str = "/", new: bool = False, trust: Path | None = None
    ) -> Iterator[Load]:
        """Runs keep-alive clients that ask without pause in the block (`new`: one request each).

        With `trust`, a file of certificates, they speak TLS.
        The block starts when every connection has had its first answer.
        """
        # At a low priority, so that what happens meanwhile takes no longer than without load.
        argv = ["nice", "-n", "5", sys.executable, str(LOAD), str(PORT), str(connections), path]
        argv += ["--trust", str(trust)] if trust else []
        process = Program(
            self.container.network_command(*argv, *(["--new"] if new else [])),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        load = Load()
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            assert first == "running\n", f"no load: {first!r}"
            yield load
        finally:
            rest, _ = process.communicate(timeout=300)
        for key, value in json.loads(rest).items():
            setattr(load, key, value)

    def boot(self) -> None:
        """Boot; the host is up when systemd says so, egg-master's own start included."""
        self.container.boot()

    def reboot(self) -> None:
        """Shut down in order and boot again, on the same disk."""
        self.container.halt()
        self.container.boot()

    def close(self) -> None:
        """Shut down and leave nothing behind."""
        self.container.remove()


def _record(line: str) -> Record:
    record: Record = json.loads(line)
    if isinstance(record.get("MESSAGE"), list):  # not UTF-8: journald gives the bytes
        record["MESSAGE"] = bytes(record["MESSAGE"]).decode(errors="replace")  # type: ignore[arg-type]
    return record


def _collect(
    follow: subprocess.Popen[bytes],
    pattern: re.Pattern[str],
    count: int,
    seconds: float,
    after: int,
) -> list[Record]:
    deadline = time.monotonic() + seconds
    found: list[Record] = []
    seen: list[str] = []
    for record in _records_until(follow, deadline):
        if micros(record) <= after:
            continue
        seen.append(record.get("MESSAGE", ""))
        if pattern.search(seen[-1]):
            found.append(record)
        if len(found) == count:
            return found
    missing = f"{len(found)} of {count} x {pattern.pattern!r} in {seconds} s:\n"
    raise AssertionError(missing + "\n".join(seen[-30:]))


def _records_until(follow: subprocess.Popen[bytes], deadline: float) -> Iterator[Record]:
    assert follow.stdout is not None
    fd = follow.stdout.fileno()
    rest = b""
    while (left := deadline - time.monotonic()) > 0 and select.select([fd], [], [], left)[0]:
        chunk = os.read(fd, 65536)
        assert chunk, "journalctl ended"
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield _record(line.decode())


def _end(follow: subprocess.Popen[bytes]) -> None:
    # The command inside, not nsenter: this machine's PID 1 must reap what nsenter leaves behind,
    # and a container does not end before that.
    children = Path(f"/proc/{follow.pid}/task/{follow.pid}/children").read_text().split()
    for pid in map(int, children):
        os.kill(pid, signal.SIGKILL)
    follow.communicate()


def micros(record: Record) -> int:
    """When journald received a record: microseconds since the epoch."""
    return int(record["__REALTIME_TIMESTAMP"])
