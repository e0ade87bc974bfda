import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eggd.version import __version__
from tests.cli.host import Host, worker

pytestmark = pytest.mark.slow

ME = os.getpid()
DEAD = 2**22 + 1  # above the kernel's largest pid


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def member(slot: int, **more: object) -> dict[str, object]:
    about = {"slot": slot, "pid": ME, "state": "ready", "since": 1.0, "enabled": True}
    return {**about, "requests": 17, "connections": 2, **more}


def write(host: Host, *workers: dict[str, object], agent: int = ME) -> None:
    content = {
        "version": "0.1.0",
        "app": {"name": "shop", "base_dir": "/srv/shop", "env": "prod"},
        "agent": {"pid": agent, "state": "ready", "since": 1.0},
        "workers": workers,
    }
    (host.home / "run" / "status.json").write_text(json.dumps(content))


def view(host: Host) -> tuple[int, Any]:
    done = host.eggd("status", "--json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def anybody(host: Host) -> None:
    host.system(refused=True)


def test_every_user_sees_the_serving_workers(host: Host) -> None:
    anybody(host)
    write(host, member(1), member(2, enabled=False))
    code, found = view(host)
    assert (code, found["state"], found["problems"]) == (0, "running", [])
    assert [(each["slot"], each["pid"]) for each in found["workers"]] == [(1, ME), (2, ME)]


def test_errors_of_the_agent_are_shown_and_are_no_problem(host: Host) -> None:
    """Its code has failed, and it runs on (process:CL-93)."""
    anybody(host)
    write(host, member(1))
    file = host.home / "run" / "status.json"
    content = json.loads(file.read_text())
    content["agent"] |= {"errors": 3, "last_error": "ValueError: no"}
    file.write_text(json.dumps(content))
    done = host.eggd("status")
    line = "errors of the agent: 3, the last: ValueError: no (see common-error.log)"
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, line)


def test_a_log_file_that_cannot_be_written_is_a_problem(host: Host) -> None:
    """The processes serve on; the file lacks lines until it can be written again."""
    anybody(host)
    full = "cannot write /var/log/eggd/shop-web.log: No space left on device"
    write(host, {**member(1), "logs": full}, member(2))
    file = host.home / "run" / "status.json"
    content = json.loads(file.read_text())
    content["agent"]["logs"] = full
    file.write_text(json.dumps(content))
    code, found = view(host)
    problem = f"{full}: lines are missing in it (agent, worker 1)"
    assert (code, found["state"], found["problems"]) == (1, "degraded", [problem])


WRONG = [
    ([member(1), member(2, pid=DEAD)], ME, ["worker 2 is down"]),
    ([member(1), member(2, pid=0, state="down")], ME, ["worker 2 is down"]),
    ([member(1, state="failed", reason="no app")], ME, ["worker 1 is failed: no app"]),
    ([member(1)], DEAD, ["agent is down"]),
    ([], ME, ["no worker is enabled"]),
]


@pytest.mark.parametrize(("workers", "agent", "problems"), WRONG, ids=[row[2][0] for row in WRONG])
def test_problems_are_named(
    host: Host, workers: list[dict[str, object]], agent: int, problems: list[str]
) -> None:
    anybody(host)
    write(host, *workers, agent=agent)
    code, found = view(host)
    assert (code, found["state"], found["problems"]) == (1, "degraded", problems)


REASON = {"recycling": "recycled after 9 requests"}
BACK = {"last_restart": {"kind": "recycled", "text": "recycled after 9 requests"}}
CRASHED = {"last_restart": {"kind": "crashed", "text": "killed by SIGKILL"}}


@pytest.mark.parametrize(
    ("fields", "ago", "state"),
    [
        ({"state": "leaving", **REASON}, 1, "recycling"),
        ({"state": "left", "pid": 0, **REASON}, 1, "recycling"),
        ({"state": "starting", **BACK}, 1, "recycling"),
        ({"state": "left", "pid": 0, **REASON}, 200, "left"),
        ({"state": "starting", **BACK}, 200, "starting"),
        ({"state": "starting", **BACK}, -200, "starting"),  # the clock was set back
        ({"state": "starting", **CRASHED}, 1, "starting"),
        ({"state": "left", "pid": 0, **BACK}, 1, "left"),
        ({"state": "leaving", "recycling": 7}, 1, "leaving"),
        ({"state": "failed", **REASON}, 1, "failed"),
    ],
)
def test_a_planned_replacement_is_not_a_problem(
    host: Host, fields: dict[str, object], ago: float, state: str
) -> None:
    """For two minutes: a worker that does not come back is missing."""
    anybody(host)
    write(host, member(1), member(2, since=time.time() - ago, **fields))
    code, found = view(host)
    assert found["workers"][1]["state"] == state
    assert (code, found["problems"] == []) == ((0, True) if state == "recycling" else (1, False))
    shown = {"left": "stopped", "leaving": "stopping"}.get(state, state)
    assert shown in host.eggd("status").stdout


def test_a_failed_spare_that_has_ended_is_not_a_problem(host: Host) -> None:
    anybody(host)
    write(host, member(1), member(0, state="failed", pid=DEAD, enabled=False))
    assert view(host)[0] == 0


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[1]", b'{"workers": [{"slot": "1"}]}'])
def test_without_a_sound_file_nothing_runs(host: Host, content: bytes | None) -> None:
    anybody(host)
    if content is not None:
        (host.home / "run" / "status.json").write_bytes(content)
    done = host.eggd("status")
    assert (done.returncode, done.stdout, done.stderr) == (3, f"stopped: eggd {__version__}\n", "")


HOSTILE = [
    {"since": "x"},
    {"pid": "x"},
    {"state": 7},
    {"pid": -1},
    {"pid": 2**70},
    {"reason": "\x1b[2J"},
    {"reason": ["\x9b2J", {"a": "\u202e"}]},
    {"reason": "[bold][link=http://evil]x[/link]\x85\u2028\rworker 1 is ready"},
    {"state": "\x1b]0;owned\x07"},
    {"since": float("nan")},
    {"since": float("-inf")},
    {"since": 1e300},
    {"requests": {"a": "\x1b[2J"}, "connections": [1]},
    {"\x1b[2J": "\x1b[2J"},
    {"enabled": "yes"},
    {"slot": True},
    {"slot": -1},
    {"slot": 10**9},
]


@pytest.mark.parametrize("fields", HOSTILE)
def test_the_content_of_the_status_file_is_checked(host: Host, fields: dict[str, object]) -> None:
    anybody(host)
    write(host, member(1, state="failed"), {**member(2), **fields})
    done = host.eggd("status")
    assert (done.returncode, done.stderr) == (1, "")
    assert {char for char in done.stdout if not char.isprintable()} == {"\n"}
    machine = host.eggd("status", "--json")
    assert {char for char in machine.stdout if not char.isprintable()} == {"\n"}
    json.loads(machine.stdout, parse_constant=pytest.fail)


FILES = {
    "fifo": os.mkfifo,
    "endless": lambda path: os.symlink("/dev/zero", path),
    "link to a file of somebody else": lambda path: os.symlink("/etc/passwd", path),
    "folder": os.mkdir,
    "huge": lambda path: subprocess.run(["truncate", "-s", "1T", path], check=True),
    "deep": lambda path: Path(path).write_text("[" * 200_000),
    "deep app": lambda path: Path(path).write_text('{"version": "1", "app": ' + "[" * 900),
    "app of the wrong type": lambda path: Path(path).write_text('{"version": "1", "app": 7}'),
    "workers of the wrong type": lambda path: Path(path).write_text(
        '{"version": "1", "app": {}, "agent": {}, "workers": {"0": 1}}'
    ),
    "not UTF-8": lambda path: Path(path).write_bytes(b'{"version": "\xff"}'),
}


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_a_file_that_is_none_of_the_agents_neither_hangs_nor_breaks_the_command(
    host: Host, make: Callable[[Path], object]
) -> None:
    anybody(host)
    make(host.home / "run" / "status.json")
    done = host.eggd("status")
    assert (done.returncode, done.stdout, done.stderr) == (3, f"stopped: eggd {__version__}\n", "")


def test_a_name_cannot_pass_for_markup_or_lines(host: Host) -> None:
    anybody(host)
    write(host, member(1, state="[red]x[/red]"), member(2))
    file = host.home / "run" / "status.json"
    content = json.loads(file.read_text())
    content["app"] = {"name": "[bold]a[/bold]\nrunning: b", "env": "\x1b[8m", "base_dir": "/\u202e"}
    file.write_text(json.dumps(content))
    first, *lines = host.eggd("status").stdout.split("\n")
    shown = "[bold]a[/bold] running: b (\\x1b[8m) in /\\u202e"
    assert first == f"degraded: {shown}, eggd 0.1.0"
    assert "[red]x[/red]" in "".join(lines)


def test_a_file_that_outlived_the_suite_is_stopped(host: Host) -> None:
    anybody(host)
    write(host, member(1, pid=DEAD), agent=DEAD)
    code, found = view(host)
    assert (code, found["state"], found["problems"]) == (3, "stopped", [])


def test_a_failed_start_leaves_its_reasons(host: Host) -> None:
    anybody(host)
    write(host, member(1, pid=DEAD, state="failed", reason="no app"), agent=DEAD)
    done = host.eggd("status")
    assert (done.returncode, done.stdout.splitlines()[1:]) == (3, ["worker 1 is failed: no app"])


root_only = pytest.mark.skipif(os.geteuid() != 0, reason="root's view of systemctl")


WHY = {
    "a boot that sleeps": (
        {"pid": ME, "sub": "start", "status": "Boot 2 failed: no such app; next try in 2 s"},
        "starting: Boot 2 failed: no such app; next try in 2 s",
    ),
    "a boot that failed": (
        {"status": "no such app", "errno": 125, "code": [1, 1]},
        "retrying: no such app",
    ),
    "killed while it served": (
        {"status": "ready: shop (prod) on [::]:7001", "code": [2, 9]},
        "retrying: killed by SIGKILL",
    ),
    "died while it booted": (
        {"status": "starting shop: waiting for app.py:will_ready", "code": [3, 11]},
        "retrying: killed by SIGSEGV",
    ),
    "os._exit": (
        {"status": "starting shop: waiting for app.py:will_ready", "code": [1, 3]},
        "retrying: exited with 3",
    ),
    "hung": (
        {"status": "ready: x", "code": [3, 6], "result": "watchdog"},
        "retrying: no sign of life (WatchdogSec=), killed by SIGABRT",
    ),
    "out of memory": (
        {"status": "ready: x", "code": [2, 9], "result": "oom-kill"},
        "retrying: out of memory, killed by SIGKILL",
    ),
}


@root_only
@pytest.mark.parametrize(("fields", "said"), WHY.values(), ids=WHY)
def test_root_sees_why_a_worker_is_missing(
    host: Host, fields: dict[str, object], said: str
) -> None:
    host.up()
    host.set(worker(3), **{"active": "activating", "sub": "auto-restart", "pid": 0, **fields})
    write(host, member(1), member(2), member(3, state="failed", pid=DEAD))
    code, found = view(host)
    assert (code, found["problems"]) == (1, [f"worker 3 is {said}"])


@root_only
def test_root_sees_who_is_not_enabled_and_who_was_never_heard_of(host: Host) -> None:
    host.up()
    host.set(worker(7), active="active", pid=ME)
    write(host, member(1), member(2))
    found = view(host)[1]["workers"]
    assert [(each["slot"], each["state"], each["enabled"]) for each in found] == [
        (1, "ready", True),
        (2, "ready", True),
        (3, "ready", True),
        (7, "ready", False),
    ]


@root_only
def test_root_sees_who_is_enabled_now(host: Host) -> None:
    host.up()
    host.set(worker(3), enabled=False, active="inactive", pid=0)
    write(host, member(1), member(2), member(3, pid=0, state="left"), member(4, pid=DEAD))
    code, found = view(host)
    assert (code, [each["slot"] for each in found["workers"]]) == (0, [1, 2])


@root_only
def test_root_sees_a_worker_that_was_only_started_and_cannot(host: Host) -> None:
    host.up()
    host.set(worker(7), active="activating", sub="auto-restart", pid=0)
    write(host, *map(member, (1, 2, 3)))
    assert view(host)[1]["problems"] == ["worker 7 is retrying"]


@root_only
def test_root_sees_a_mask_and_a_stopped_listener(host: Host) -> None:
    host.up()
    host.set(worker(3), load="masked", active="inactive", pid=0, status="draining: 0 connections")
    write(host, member(1), member(2), member(3, state="left", pid=0))
    mask = f"{worker(3)} is masked (run 'systemctl unmask {worker(3)}')"
    assert view(host)[1]["problems"] == [f"worker 3 is down: {mask}"]
    host.set("egg.socket", active="inactive")
    assert view(host)[1]["problems"][0] == "egg.socket is stopped: run 'eggd start'"


def test_a_worker_that_was_stopped_is_shown_as_stopped(host: Host) -> None:
    anybody(host)
    write(host, member(1), member(2, pid=0, state="left"))
    code, found = view(host)
    assert (code, found["problems"]) == (1, ["worker 2 is stopped"])
    assert found["workers"][1]["state"] == "left"
    assert "worker 2  stopped" in host.eggd("status").stdout


@root_only
def test_root_hears_of_a_listener_that_failed(host: Host) -> None:
    host.set("egg.socket", active="failed")
    code, found = view(host)
    assert code == 3
    assert found["problems"][0] == "egg.socket has failed: see 'systemctl status egg.socket'"


def test_the_table_has_no_colours_off_a_terminal(host: Host) -> None:
    anybody(host)
    write(host, member(0, enabled=False), member(1), member(2, enabled=False), member(3, pid=DEAD))
    lines = [line.rstrip() for line in host.eggd("status").stdout.splitlines()]
    assert lines[0] == "degraded: shop (prod) in /srv/shop, eggd 0.1.0"
    assert [line.split()[:3] for line in lines[2:6]] == [
        ["agent", "ready", str(ME)],
        ["worker", "0", "ready"],
        ["worker", "1", "ready"],
        ["worker", "2", "ready"],
    ]
    assert (lines[3].endswith("the spare of a reload"), lines[5].endswith("not enabled")) == (
        True,
        True,
    )
    assert (lines[-1], "\x1b" in "".join(lines)) == ("worker 3 is down", False)


def test_dependencies_are_a_table_that_names_the_processes_of_each_problem(host: Host) -> None:
    """A dependency that is down is not a problem of the suite: the processes serve on."""
    anybody(host)
    write(host, member(1, dependencies={"redis main": "", "bank": 7}), member(2, pid=DEAD))
    assert "dependency" not in host.eggd("status").stdout.partition("worker 2 is down")[2]
    down, works = {"redis main": "Connection \x1b[31mrefused", "mail": ""}, {"redis main": ""}
    workers = [member(slot, dependencies=works if slot in (1, 3) else down) for slot in range(1, 9)]
    workers.append(member(9, pid=DEAD, dependencies={"redis main": "old"}))
    write(host, *workers)
    file = host.home / "run" / "status.json"
    content = json.loads(file.read_text())
    content["agent"]["dependencies"] = works
    file.write_text(json.dumps(content))
    done = host.eggd("status")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    table = lines[lines.index("") + 1 :][:4]
    assert [" ".join(line.split()) for line in table] == [
        "dependency state in",
        "mail works workers 2, 4, 5, 6, 7, 8",
        "redis main works agent, workers 1, 3",
        r"redis main down workers 2, 4, 5, 6, 7, 8 Connection \x1b[31mrefused",
    ]


def test_many_workers_of_a_dependency_are_counted(host: Host) -> None:
    anybody(host)
    write(host, *(member(slot, dependencies={"mail": ""}) for slot in range(1, 9)))
    assert "mail        works  8 workers" in host.eggd("status").stdout


def test_the_address_is_shown_with_owner_and_mode(host: Host) -> None:
    """A Unix socket that was removed is a problem that a restart repairs."""
    path = host.home / "http.sock"
    host.up()
    host.set("egg.socket", listen=str(path))
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
    path.chmod(0o660)
    write(host, member(1), member(2), member(3))
    done = host.eggd("status")
    assert f", on {path} (owner root:root, mode 0660)\n" in done.stdout
    path.unlink()
    code, found = view(host)
    assert (code, found["address"]) == (1, [str(path)])
    assert f"egg.socket: {path} was removed: run 'eggd restart'" in found["problems"]
