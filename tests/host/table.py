"""Failed requests of what an operator does to a suite, on booted Debian 12 and 13: one table.

    .venv/bin/python -m tests.host.table                    both: about three minutes, as root
    .venv/bin/python -m tests.host.table --system trixie    one of them

64 keep-alive clients ask without pause meanwhile. Exits 1 where a request failed, except after a
change of the listener's address, whose old port is closed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack, contextmanager

from tests.host import nspawn, repository, rootfs
from tests.host.conftest import Layers, boots
from tests.host.host import PORT, Host

WORKERS, CONNECTIONS = 4, 64
SYSTEMS = {each.suite: each for each in rootfs.SYSTEMS}
DIES = """
import os
import threading

threading.Timer(0.3, os.kill, (os.getpid(), 9)).start()


def router(app):
    app.router.get("/", app.controller.home.pid)
"""
Step = Callable[[Host], str]


def repeated(command: str, times: int) -> Step:
    """A command that must succeed that many times."""

    def step(host: Host) -> str:
        for _ in range(times):
            host.run(command)
        return "all workers are new"

    return step


def dies_after_ready(host: Host) -> str:
    """Reloads to code that dies 0.3 s after READY=1, then put the good code back."""
    router = host.root / "srv/app/app/router.py"
    good, before = router.read_text(), host.pids(WORKERS)
    router.write_text(DIES)
    done = host.run("eggd reload", check=False)
    router.write_text(good)
    kept = sum(pid == host.pids(WORKERS)[slot] for slot, pid in before.items())
    return f"reload failed with {done.returncode}, {kept} of {WORKERS} old workers serve"


def changed_application(host: Host) -> str:
    """Point EGG_BASE_DIR to a copy of the application, and reload."""
    host.run("cp -r /srv/app /srv/other")
    host.configure(EGG_BASE_DIR="/srv/other", EGG_MIN_READY_SECONDS="2")
    host.run("eggd reload")
    return str(host.status()["app"].get("base_dir")) + f", {host.status()['state']}"


def removed_inbox(host: Host) -> str:
    """Removes the agent's socket, asks for the status, and restarts the suite."""
    host.run("rm /run/eggd/agent.sock")
    found = "; ".join(host.status()["problems"]) or "not reported"
    host.run("systemctl restart egg-master")
    back = host.run("test -S /run/eggd/agent.sock", check=False).returncode == 0
    return f"{found}; {'healed' if back else 'still missing'} after a restart"


def listen(host: Host) -> str:
    """Chooses another address while the suite runs; nothing changes."""
    host.run("eggd listen 9090 && systemctl daemon-reload && eggd reload")
    return "pending"


def listen_restart(host: Host) -> str:
    """Restarts on the other address."""
    host.run("systemctl restart egg-master")
    return f"port 9090 answers {host.http(port=9090).status}, {PORT} refuses: {host.refuses()}"


STEPS: dict[str, Step] = {
    "systemctl restart egg-master x3": repeated("systemctl restart egg-master", 3),
    "systemctl reload egg-master x5": repeated("systemctl reload egg-master", 5),
    "a build that dies after READY": dies_after_ready,
    "a changed application, reload": changed_application,
    "a removed inbox, restart": removed_inbox,
    "eggd listen, daemon-reload, reload": listen,
    "restart to the new address": listen_restart,
}
MOVES = "restart to the new address"


def measured(host: Host, name: str) -> bool:
    """Prints one row; return whether it is as promised."""
    with host.load(connections=CONNECTIONS) as load:
        note = STEPS[name](host)
    kinds = sorted({str(each["kind"]) for each in load.failures})
    failed = f"{len(load.failures)} {' '.join(kinds)}".strip()
    system = host.out(". /etc/os-release; systemctl --version | sed -n '1s/ (.*//p'")
    print(
        f"| {system} | {name} | {load.requests} | {failed} | {load.worst_ms:.0f} | {note} |",
        flush=True,
    )
    return name == MOVES or not load.failures


def main(argv: list[str]) -> int:
    """Prints the table; returns 1 if a request failed that must not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--system", choices=SYSTEMS, action="append")
    chosen = parser.parse_args(argv).system or list(SYSTEMS)
    deb = repository.build()
    nspawn.private_mounts()
    sound = True
    print("| system | what | requests | failed | longest, ms | afterwards |")
    print("|---|---|---|---|---|---|")
    with ExitStack() as stack:
        layers = Layers(deb, stack)
        for name in chosen:
            with contextmanager(boots)(layers, SYSTEMS[name]) as boot:
                host = boot("suite", workers=WORKERS)
                host.configure(EGG_BASE_DIR="/srv/app", EGG_MIN_READY_SECONDS="2")
                for step in STEPS:
                    sound &= measured(host, step)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
