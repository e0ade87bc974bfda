"""`make run` and `make stop`: a disposable Debian host on this machine's own network.

It lives in memory, outlives this command and ends with `make stop`. Standard library only.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.host import nspawn, repository, rootfs
from tests.host.nspawn import Container

STATE = rootfs.TOP / ".cache/run.json"
PORT = 7001
WORKERS = 4
STARTED = time.monotonic()


def say(text: str) -> None:
    """One line of progress, with the seconds since the beginning."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)


def up() -> None:
    """Builds, boots, installs, starts four workers; prints what they and the agent say."""
    if os.geteuid():
        raise SystemExit("make run: needs root, to boot a container")
    down()
    _check_port()
    say("building the package")
    deb = repository.build()
    say("preparing Debian 12 (the first time: half a minute)")
    base = rootfs.base(rootfs.BOOKWORM, rootfs.depends_of(deb))
    nspawn.private_mounts()
    container = Container("bookworm", [base], host_network=True, lingers=True)
    try:
        _bring_up(container, deb)
    except BaseException:
        container.remove()
        raise
    STATE.write_text(json.dumps({"pid": container.pid, "label": container.label}))
    _show(container)


def _bring_up(container: Container, deb: Path) -> None:
    repository.offer(container.root, deb)
    say("booting it")
    container.boot()
    say("apt install eggd")
    _inside(container, "apt-get -qq update && apt-get -qq install -y eggd >/dev/null")
    say(f"systemctl enable --now egg-worker@{{1..{WORKERS}}}")
    _inside(container, f"systemctl enable --quiet --now egg-worker@{{1..{WORKERS}}}")


def _show(container: Container) -> None:
    print("\n$ journalctl -u egg-agent", flush=True)
    _inside(container, "journalctl -q --no-pager -u egg-agent")
    print("\n$ systemctl list-units 'egg*'", flush=True)
    _inside(container, "systemctl list-units --no-pager --no-legend --plain 'egg*'")
    print(f"\n$ curl -i http://127.0.0.1:{PORT}/", flush=True)
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    print(f"HTTP/1.1 {answer.status} {answer.reason}\n{answer.read().decode()}\n")
    say(f"http://127.0.0.1:{PORT}/ is served by {WORKERS} workers; `make stop` ends it")
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(1)


def down() -> None:
    """Shuts the host down in order, if there is one."""
    try:
        state = json.loads(STATE.read_text())
    except FileNotFoundError:
        return
    if nspawn.alive(state["pid"]) and state["label"] in _command_line(state["pid"]):
        os.kill(state["pid"], signal.SIGTERM)
        if not nspawn.await_end(state["pid"], nspawn.STOP_SECONDS):
            raise SystemExit(f"the host (pid {state['pid']}) does not shut down")
        say("the host of the last `make run` is down")
    nspawn.remove_traces(state["label"])
    STATE.unlink()


def _command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def _check_port() -> None:
    with socket.socket(socket.AF_INET6) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("::", PORT))
        except OSError as exc:
            raise SystemExit(f"make run: port {PORT} of this machine: {exc.strerror}") from exc


def _inside(container: Container, script: str) -> None:
    command = container.command("bash", "-c", script)
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
        journal = container.command("journalctl", "-q", "--no-pager", "-n", "60")
        subprocess.run(journal, stdin=subprocess.DEVNULL, check=False)
        raise SystemExit(f"make run: this failed on the host: {script}")


if __name__ == "__main__":
    {"up": up, "down": down}[sys.argv[1]]()
