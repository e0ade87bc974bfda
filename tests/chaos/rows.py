"""The rows of the table: a fault each, and what clients may see of it."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eggd.version import __version__
from tests.chaos import hostile
from tests.chaos.clock import sets, shifted_clock
from tests.chaos.neighbour import crashes
from tests.chaos.numbered import numbered
from tests.chaos.releases import deploys
from tests.chaos.trial import WORKERS, Trial
from tests.host import repository
from tests.host.host import Host

NEXT = "99.0"
"""The version of the package that the upgrades install."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault of the table."""

    name: str
    required: str
    run: Callable[[Trial], None]
    prepare: Callable[[Host], None] | None = None
    """Writes files before the host boots."""
    loses_lines: bool = False
    """Whether lines are lost on purpose, or counted by the row itself: a soak does not count."""


def reloads(trial: Trial) -> None:
    """Reloads ten times and restarts three times."""
    with trial.load():
        for _ in range(10):
            trial.pair(lambda: trial.host.run("systemctl reload egg-master"))
        for _ in range(3):
            trial.host.run("systemctl restart egg-master")
            trial.quiet(2)
    trial.require_none_failed()
    trial.require_ratio(3)


def upgrades(trial: Trial) -> None:
    """Upgrades and downgrades by apt, kills dpkg at several points, and repairs each time."""
    with tempfile.TemporaryDirectory() as folder:
        following = repository.successor(trial.deb, Path(folder), NEXT)
        repository.offer(trial.host.root, trial.deb, following)
    install = "apt-get -q update && apt-get -q install -y --allow-downgrades eggd="
    trial.host.run("apt-get -q update")
    with trial.load():
        for version in (NEXT, __version__):
            trial.host.run(install + version)
            trial.quiet(2)
        for version, delay in zip(itertools.cycle((NEXT, __version__)), (0.1, 0.3, 0.6, 1, 1.5, 2)):
            killed = f"{install}{version} & sleep {delay}; pkill -9 -x 'dpkg|apt-get'; wait"
            trial.host.run(f"({killed}) >/dev/null 2>&1", check=False)
            repair = "dpkg --configure -a && apt-get -q --fix-broken install -y"
            trial.host.run(f"{repair} && {install}{version}")
    trial.require_none_failed()
    shown = trial.host.out("dpkg-query -W -f '${Version} ${db:Status-Status}' eggd")
    trial.require(shown == f"{__version__} installed", f"dpkg: {shown}")


def kills_of_workers(trial: Trial) -> None:
    """Kills a worker every two seconds, in turn."""
    slots = itertools.cycle(range(1, WORKERS + 1))
    with trial.load():
        trial.repeat(lambda: trial.kill(f"egg-worker@{next(slots)}"), every=2)
    trial.require_only_victims()


def kills_of_the_agent(trial: Trial) -> None:
    """Kills the agent every two seconds beside lines and messages of all processes."""
    with trial.load(), numbered(trial):
        trial.repeat(lambda: trial.kill("egg-agent"), every=2)
    trial.require_none_failed()


def small_memory(host: Host) -> None:
    """Has a worker recycled above 200 MiB."""
    config = json.dumps({"cluster": {"recycle": {"max_memory": "200mb"}}})
    host.configure(EGG_BASE_DIR="/srv/app", EGG_APP_CONFIG=f"'{config}'")


def memory_hogs(trial: Trial) -> None:
    """Fills the memory of one worker until it is recycled, as often as the time allows."""
    host, place = trial.host, trial.host.now()
    with trial.load():
        for count in range(1, max(1, int(trial.seconds / 8)) + 1):
            host.http(f"/leak?bytes={300 << 20}")
            again = "was started again: recycled at"
            host.await_journal("egg-agent", again, count=count, after=place)
    trial.require_none_failed()
    texts = [record["MESSAGE"] for record in host.records("egg-agent", after=place)]
    reasons = [text for text in texts if "was started again" in text]
    trial.notes.append(f"{len(reasons)} workers recycled")
    trial.require(all("recycled at" in each for each in reasons), f"restarts: {reasons}")


def hangs(trial: Trial) -> None:
    """Hangs the loop of a worker until the watchdog kills it, as often as the time allows."""
    host, killed = trial.host, 0
    place = host.now()
    with trial.load():
        for _ in range(max(1, int(trial.seconds / 15))):
            before = host.pids(WORKERS)
            with host.container.connect(trial.port) as client:
                client.sendall(b"GET /hang HTTP/1.1\r\nHost: localhost\r\n\r\n")
                killed += 1
                host.await_journal("egg-worker@*", "Watchdog timeout", count=killed, after=place)
                host.await_journal("egg-worker@*", "^Started ", count=killed, after=place)
            trial.victims += set(before.values()) - set(host.pids(WORKERS).values())
    trial.require_only_victims()
    records = host.records("egg-worker@*", after=place)
    stacks = sum("/srv/app/app/controller/home.py" in record["MESSAGE"] for record in records)
    trial.require(stacks >= killed, f"stacks in the journal: {stacks} of {killed}")


def small_log_disk(host: Host, where: str = "/var/log/eggd", size: str = "16m") -> None:
    """Puts a small file system at the log directory, or above it."""
    unit = f"{where[1:].replace('/', '-')}.mount"
    host.write(
        f"/etc/systemd/system/{unit}",
        f"[Unit]\nBefore=egg-agent.service\n[Mount]\nWhat=tmpfs\nWhere={where}\n"
        f"Type=tmpfs\nOptions=size={size}\n[Install]\nWantedBy=multi-user.target\n",
    )
    wants = host.root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / unit).symlink_to(f"/etc/systemd/system/{unit}")


def full_disk(trial: Trial) -> None:
    """Fills the disk of the logs for a while; the suite says so once and writes again later."""
    host = trial.host
    place = host.now()
    with trial.load():
        host.run("dd if=/dev/zero of=/var/log/eggd/fill bs=64k 2>/dev/null", check=False)
        host.http("/write")
        host.await_journal("egg-worker@*", "No space left on device", after=place)
        trial.quiet(max(10, trial.seconds - 20))
        host.run("rm /var/log/eggd/fill")
        host.await_journal("egg-worker@*", "missing in it", count=WORKERS, after=place)
        host.http("/enough")
    trial.require_none_failed()
    records = host.records("egg-worker@*", after=place)
    said = sum("No space left on device" in record["MESSAGE"] for record in records)
    trial.notes.append(f"said {said} times by {WORKERS} workers")
    trial.require(said <= 3 * WORKERS, f"{said} lines about the full disk")


def removed_directories(trial: Trial) -> None:
    """Removes the log directory, then the sockets; a reload heals the one, time the other."""
    host = trial.host
    with trial.load():
        place = host.now()
        host.run("rm -rf /var/log/eggd")
        host.http("/write")
        host.await_journal("egg-worker@*", "/var/log/eggd", after=place)
        trial.quiet(trial.seconds / 3)
        host.http("/enough")
        host.run("systemctl reload egg-master")
        host.run("test -s /var/log/eggd/egg-web.log")
        place = host.now()
        host.run("rm /run/eggd/*.sock")
        host.await_journal("egg-worker@*", "worker-[1-4].sock", count=WORKERS, after=place)
        trial.quiet(trial.seconds / 3)
        shown = host.run("eggd status", check=False).stdout
        trial.require("reload" in shown, f"status does not name the cure: {shown}")
        host.run("systemctl reload egg-master")
    trial.require_none_failed()
    healed = host.run("eggd status", check=False)
    trial.require(healed.returncode == 0, f"after the cure: {healed.stdout}")


def reboot(trial: Trial) -> None:
    """Reboots the host; all that was enabled serves when the boot is done."""
    before = trial.host.active()
    trial.host.reboot()
    trial.require(trial.host.active() == before, f"{trial.host.active()}, not {before}")
    with trial.load():
        trial.quiet(min(5, trial.seconds))
    trial.require_none_failed()


def attacks(trial: Trial) -> None:
    """Attacks with idle, slow, malformed and flooding clients, each beside a quiet window."""
    worst = 0.0
    with trial.load():
        spans = [(name, [_attack(trial, name) for _ in range(3)]) for name in hostile.ATTACKS]
    trial.require_none_failed()
    for name, pairs in spans:
        trial.pairs = pairs
        worst = max(worst, trial.ratio())
        trial.notes[-1] = f"{name}: {trial.notes[-1]}"
    trial.require(worst <= 2 or trial.soak, f"p99 of others: {worst:.2f} times quiet, promised 2")


def _attack(trial: Trial, name: str) -> tuple[hostile.Window, hostile.Window]:
    quiet = trial.quiet(trial.seconds / 12)
    with hostile.attack(trial.host, name, trial.port):
        return quiet, trial.quiet(trial.seconds / 12)


ROWS = (
    Row("reload x10, restart x3", "0 failed; reload's p99 at most 3 times quiet", reloads),
    Row("upgrade, downgrade, dpkg killed", "0 failed", upgrades),
    Row("deploy, bad releases, rollback", "0 failed; the unhealthy one undone by itself", deploys),
    Row("kill -9 of a worker, every 2 s", "only its own connections; 0 refused", kills_of_workers),
    Row(
        "kill -9 of the agent, every 2 s",
        "0 failed, no line lost, no message but the one in hand",
        kills_of_the_agent,
        loses_lines=True,
    ),
    Row("a worker hangs", "killed by its watchdog, stacks in the journal", hangs),
    Row("memory hog in a worker", "that worker recycled, 0 failed", memory_hogs, small_memory),
    Row("disk of the logs full", "0 failed, said, resumed", full_disk, small_log_disk, True),
    Row(
        "directories and sockets removed",
        "0 failed, healed or cure named",
        removed_directories,
        loses_lines=True,
    ),
    Row(
        "clock forward, back, forward 2 h",
        "0 failed, schedules and rotation right, no line lost",
        sets,
        shifted_clock,
        True,
    ),
    Row("another application crashes", "0 failed; p99 at most 1.5 times quiet", crashes),
    Row("hostile clients", "p99 of others at most doubled", attacks),
    Row("reboot of the host", "everything enabled serves", reboot, loses_lines=True),
)
