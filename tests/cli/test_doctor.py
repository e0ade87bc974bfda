"""`eggd doctor`: each problem is found, named with its value, and has a hint."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from eggd.cli.diagnosis import dropins, kernel, listener, machine, packages, serving, suite, units
from eggd.cli.diagnosis.finding import FAIL, OK, UNSEEN, WARN, Finding, InspectedHost
from eggd.suite.names import DEFAULT
from eggd.supervisor.units import UNITS
from eggd.testing.make_app import make_app
from tests.cli.host import ROOT, Host
from tests.program import Program

Check = Callable[[InspectedHost], Iterator[Finding]]

SYSTEM = "etc/systemd/system"
LIB = "usr/lib/systemd/system"


class Machine:
    """A root directory in which eggd is installed as by the package."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.app = make_app(root / "srv/shop", {"app/router.py": "def router(app): ...\n"})
        (root / "proc").symlink_to("/proc")
        for name in DEFAULT.unit_files:
            self.write(f"{LIB}/{name}", (UNITS / name).read_text())
        self.link(f"{SYSTEM}/multi-user.target.wants/egg-master.service")
        self.link(f"{SYSTEM}/egg-master.service.wants/egg-worker@1.service")

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def link(self, path: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to("/nowhere")

    def inspected(self) -> InspectedHost:
        return InspectedHost(
            base_dir=self.app,
            environ={"EGG_SERVER_ENV": "prod"},
            defaults=self.root / "etc/default/eggd",
            root=self.root,
        )

    def look(self, check: Check) -> dict[str, Finding]:
        return {each.what: each for each in check(self.inspected())}

    def states(self, check: Check) -> set[str]:
        return {each.state for each in check(self.inspected())}


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch) -> dict[str, pwd.struct_passwd]:
    """The users of the host by name; empty at first, whether or not eggd is installed here."""
    entries: dict[str, pwd.struct_passwd] = {}
    monkeypatch.setattr(pwd, "getpwnam", entries.__getitem__)
    return entries


@pytest.fixture
def host(tmp_path: Path, users: dict[str, pwd.struct_passwd]) -> Machine:
    return Machine(tmp_path)


def test_a_sound_host_is_fine(host: Machine) -> None:
    for check in (units.unit_files, units.enabled, serving.settings, serving.app):
        assert host.states(check) == {OK}


def test_the_suite_is_checked_as_by_status(host: Machine) -> None:
    assert host.look(suite.running)["suite"] == Finding(OK, "suite", "is not running")
    worker = {"slot": 1, "pid": os.getpid(), "state": "ready", "since": 1.0, "enabled": True}
    content = {
        "version": "0.1.0",
        "app": {},
        "agent": {"pid": os.getpid(), "state": "ready", "since": 1.0},
        "workers": [worker, {**worker, "slot": 2, "state": "failed", "reason": "no app"}],
    }
    for name in ("agent.sock", "worker-1.sock"):
        host.write(f"run/eggd/{name}", "")
    host.write("run/eggd/status.json", json.dumps(content))
    assert host.look(suite.running)["suite"] == Finding(WARN, "suite", "worker 2 is failed: no app")
    host.write("run/eggd/status.json", json.dumps({**content, "workers": [worker]}))
    assert host.look(suite.running)["suite"] == Finding(OK, "suite", "workers ready: 1")
    for name, base_dir in (("agent.app", "/srv/old"), ("worker-1.app", "/srv/shop")):
        about = {"pid": os.getpid(), "base_dir": base_dir, "name": "shop", "env": "prod"}
        host.write(f"run/eggd/{name}", json.dumps({**about, "settings": "", "code": ""}))
    mixed = "2 applications are mixed: agent: shop (prod) in /srv/old; worker 1: shop (prod) in"
    assert host.look(suite.running)["suite"].value == f"{mixed} /srv/shop: run 'eggd reload'"


@pytest.mark.parametrize(
    ("value", "state", "said"),
    [
        ("128", WARN, "128: limits the accept queue of egg.socket"),
        ("4096", OK, "4096"),
        ("much", UNSEEN, "cannot be read"),
    ],
)
def test_a_sysctl_is_compared(host: Machine, value: str, state: str, said: str) -> None:
    (host.root / "proc").unlink()
    host.write("proc/sys/net/core/somaxconn", f"{value}\n")
    found = host.look(kernel.sysctls)["net.core.somaxconn"]
    assert (found.state, found.value) == (state, said)
    assert ("sysctl -w net.core.somaxconn=4096" in found.hint) == (state == WARN)


UNIT = f"{LIB}/egg.socket"
UNIT_CASES = [
    (UNIT, None, FAIL, "is not installed", "apt install --reinstall eggd"),
    (UNIT, "[Socket]\n", WARN, "/usr/lib/systemd/system/egg.socket was edited", "reinstall"),
    (f"{SYSTEM}/egg.socket", "[Socket]\n", WARN, "replaces the shipped unit", "systemctl revert"),
    (f"{SYSTEM}/egg.socket", "", FAIL, "is masked", "systemctl unmask egg.socket"),
]


@pytest.mark.parametrize(("path", "text", "state", "said", "hint"), UNIT_CASES)
def test_a_unit_that_is_not_the_shipped_one(
    host: Machine, path: str, text: str | None, state: str, said: str, hint: str
) -> None:
    if text is None:
        (host.root / path).unlink()
    else:
        host.write(path, text)
    found = host.look(units.unit_files)["egg.socket"]
    assert (found.state, said in found.value, hint in found.hint) == (state, True, True), found


@pytest.mark.parametrize(
    ("unit", "text", "state", "said"),
    [
        ("egg.socket", "[Socket]\nListenStream=\nListenStream=8080\n", OK, "ListenStream=8080"),
        ("egg-worker@.service", "[Service]\nType=simple\n", WARN, "Type=simple"),
        ("egg-worker@3.service", "[Service]\nMemoryMax=1G\n", OK, "MemoryMax=1G"),
        ("egg.socket", "nonsense\n", WARN, "not an assignment"),
        ("egg-worker@.service", "[Service]\nEnvironment=ON=%H\n", OK, "Environment=ON=%H"),
    ],
)
def test_a_drop_in_says_what_it_changes(
    host: Machine, unit: str, text: str, state: str, said: str
) -> None:
    host.write(f"{SYSTEM}/{unit}.d/own.conf", text)
    found = host.look(units.unit_files)[f"drop-in {unit}.d/own.conf"]
    assert (found.state, said in found.value) == (state, True), found


IGNORED = """\
[Servce]
LimitNOFILE=64
[Service]
LimitNOFLE=64
X-Own=1
MemoryMax=much
[Socket]
Backlog=1
"""


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_lines_that_systemd_ignores_are_named(host: Machine) -> None:
    """Of a drop-in of the template and of one worker: sections, keys and values."""
    assert host.look(dropins.ignored) == {}
    host.write(f"{SYSTEM}/egg-worker@.service.d/own.conf", IGNORED)
    host.write(f"{SYSTEM}/egg-worker@3.service.d/own.conf", "[Unit]\nAfte=a.service\n")
    host.write(f"{SYSTEM}/egg-.service.d/all.conf", "[Sevice]\nA=1\n")
    found = host.look(dropins.ignored)
    assert {each.state for each in found.values()} == {WARN}
    said = {each.what: (each.value, each.hint) for each in found.values()}
    value, hint = said.pop("drop-in egg-worker@.service.d/own.conf:6")
    assert (value.startswith("systemd ignores it: "), "much" in value) == (True, True), value
    assert hint == "correct the value"
    ignores, own = "systemd ignores it:", "drop-in egg-worker@.service.d/own.conf"
    assert said == {
        f"{own}:1": (f"{ignores} [Servce] is an unknown section", "did you mean 'Service'?"),
        f"{own}:4": (
            f"{ignores} LimitNOFLE= is an unknown key of [Service]",
            "did you mean 'LimitNOFILE'?",
        ),
        f"{own}:7": (
            f"{ignores} [Socket] is an unknown section",
            "sections: Unit, Service, Install",
        ),
        "drop-in egg-.service.d/all.conf:1": (
            f"{ignores} [Sevice] is an unknown section",
            "did you mean 'Service'?",
        ),
        "drop-in egg-worker@3.service.d/own.conf:2": (
            f"{ignores} Afte= is an unknown key of [Unit]",
            "did you mean 'After'?",
        ),
    }


@pytest.mark.parametrize(
    ("limit", "state", "value"),
    [
        ("65536", OK, "65536 for agent and workers"),
        ("infinity", OK, f"{sys.maxsize} for agent and workers"),
        ("64", WARN, "64: limits the connections and files of the process"),
    ],
)
def test_the_limit_of_open_files_is_that_of_the_units(
    host: Machine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    state: str,
    value: str,
) -> None:
    """The limit of the shell that runs the command does not count on such a host."""
    (host.root / "run/systemd/system").mkdir(parents=True)
    said = f"Id=x\\nLoadState=loaded\\nLimitNOFILE={limit}\\n"
    tool = host.write("bin/systemctl", f"#!/bin/sh\nprintf '{said}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=os.pathsep)
    [found] = host.look(dropins.open_files).values()
    assert (found.state, found.value) == (state, value)
    assert host.look(kernel.files) == {}


@pytest.mark.parametrize("place", ["run/eggd", "var/lib/eggd", "var/log/eggd", "srv/eggd"])
def test_a_file_in_place_of_a_directory_is_a_failure(host: Machine, place: str) -> None:
    assert host.look(serving.directories) == {}
    host.write(place, "")
    found = host.look(serving.directories)[f"/{place}"]
    assert (found.state, found.value) == (FAIL, "is not a directory")
    assert host.look(serving.log_directory).keys() <= {"/var/log/eggd"}


def test_units_that_do_not_start_at_boot_are_reported(host: Machine) -> None:
    (host.root / SYSTEM / "multi-user.target.wants/egg-master.service").unlink()
    (host.root / SYSTEM / "egg-master.service.wants/egg-worker@1.service").unlink()
    found = host.look(units.enabled)
    assert (found["at boot"].state, found["workers"].state) == (WARN, FAIL)
    assert found["at boot"].hint == "run systemctl enable egg-master.service"


def test_more_workers_than_processors_is_a_warning(host: Machine) -> None:
    for slot in range(2, 2 * len(os.sched_getaffinity(0)) + 2):
        host.link(f"{SYSTEM}/egg-master.service.wants/egg-worker@{slot}.service")
    assert host.look(units.enabled)["workers"].state == WARN


def test_a_wrong_line_in_the_defaults(host: Machine) -> None:
    host.write("etc/default/eggd", "EGG_SERVERENV=local\n")
    [found] = host.look(serving.settings).values()
    assert (found.state, found.hint) == (FAIL, "did you mean 'EGG_SERVER_ENV'?")
    assert found.value.endswith("etc/default/eggd:1: EGG_SERVERENV: unknown key")


def test_an_app_without_a_name(host: Machine) -> None:
    (host.app / "pyproject.toml").write_text("")
    [found] = host.look(serving.app).values()
    assert (
        found.state,
        "project.name must be letters, digits, '.', '-' and '_'" in found.value,
    ) == (FAIL, True)


def test_an_app_that_the_sandbox_hides(host: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HIDDEN", (str(host.root),))
    *_, found = serving.app(host.inspected())
    assert (found.state, "hidden by ProtectHome=yes" in found.value) == (FAIL, True)


def test_an_app_that_the_user_may_not_enter(
    host: Machine, users: dict[str, pwd.struct_passwd]
) -> None:
    users["eggd"] = next(each for each in pwd.getpwall() if each.pw_name == "daemon")
    host.app.chmod(0o750)
    *_, found = serving.app(host.inspected())
    assert (found.state, found.value.startswith("user eggd may not enter /")) == (FAIL, True)


def venv(host: Machine, target: str, settings: str) -> Finding | None:
    (host.app / ".venv/bin").mkdir(parents=True)
    (host.app / ".venv/bin/python").symlink_to(target)
    host.write("srv/shop/.venv/pyvenv.cfg", settings)
    return next(serving.interpreter(host.inspected()), None)


SYSTEM_SITE = "include-system-site-packages = true\n"


@pytest.mark.parametrize(
    ("target", "settings", "state", "said"),
    [
        (sys.executable, SYSTEM_SITE, OK, os.path.realpath(sys.executable)),
        ("/nowhere/python", SYSTEM_SITE, FAIL, "cannot be run: it does not exist"),
        (sys.executable, "", FAIL, "eggd is not installed there"),
    ],
)
def test_the_interpreter_of_the_app(
    host: Machine, target: str, settings: str, state: str, said: str
) -> None:
    found = venv(host, target, settings)
    assert found is not None
    assert (found.state, said in found.value) == (state, True), found


def test_another_eggd_in_the_venv(host: Machine) -> None:
    host.write("srv/shop/.venv/lib/python3.11/site-packages/eggd-0.0.1.dist-info/METADATA", "")
    [found] = packages.versions(host.inspected())
    assert (found.state, found.value) == (WARN, "0.0.1")


@pytest.mark.parametrize(("settings", "state"), [("", FAIL), (SYSTEM_SITE, OK)])
def test_the_libraries_are_those_of_the_venv(host: Machine, settings: str, state: str) -> None:
    """A .venv without the system's packages needs its own."""
    site = "srv/shop/.venv/lib/python3.11/site-packages"
    host.write(f"{site}/click-8.1.3.dist-info/METADATA", "Name: click\nVersion: 8.1.3\n")
    host.write("srv/shop/.venv/pyvenv.cfg", settings)
    found = host.look(packages.libraries)
    assert found["libraries" if state == OK else "tornado"].state == state
    assert "click" not in found


def test_the_log_directory(host: Machine) -> None:
    assert host.look(serving.log_directory)["/var/log/eggd"].state == OK
    (host.root / "var/log/eggd").mkdir(parents=True, mode=0o755)
    found = host.look(serving.log_directory)["/var/log/eggd"]
    assert (found.state, found.value.endswith(" 0755")) == (WARN, True)
    assert found.hint == "run install -d -m 2750 -o eggd -g adm /var/log/eggd"


def test_log_files_of_another_user(host: Machine, users: dict[str, pwd.struct_passwd]) -> None:
    """A command of root that writes a log file leaves one that the processes cannot write."""
    me = pwd.getpwuid(os.geteuid())
    users["eggd"] = me
    for name in ("shop-web.log", "egg-web.log", "notes.txt"):
        host.write(f"var/log/eggd/{name}", "")
    found = [each for each in serving.log_directory(host.inspected()) if "belongs" in each.value]
    assert [(each.state, each.value, each.hint) for each in found] == [
        (
            WARN,
            f"egg-web.log and 1 more: belongs to {me.pw_name}, so user eggd cannot write it",
            "run chown -R eggd:adm /var/log/eggd",
        )
    ]


LISTEN = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(("name", "state"), [("nginx", FAIL), ("eggd.supervisor", OK)])
def test_the_process_that_holds_the_port(host: Machine, name: str, state: str) -> None:
    argv = [sys.executable, "-c", LISTEN, name]
    with Program[bytes](argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        address = f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{port}\n"
        host.write(f"{SYSTEM}/egg.socket.d/listen.conf", address)
        [found] = listener.port(host.inspected())
        other.communicate()
    assert (found.state, f"(pid {other.pid})" in found.value) == (state, True), found
    assert host.look(listener.port)[f"port {port}"].value == "is free"


def test_the_port_of_another_user_is_unseen(host: Machine) -> None:
    """Without access to /proc/PID/fd, as for a user other than root."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        tables = {name: Path(f"/proc/net/{name}").read_text() for name in ("tcp", "tcp6")}
    (host.root / "proc").unlink()
    for name, text in tables.items():
        host.write(f"proc/net/{name}", text)
    host.write(
        f"{SYSTEM}/egg.socket.d/listen.conf", f"[Socket]\nListenStream=\nListenStream={port}"
    )
    [found] = listener.port(host.inspected())
    assert (found.state, found.hint) == (UNSEEN, "run eggd doctor as root")


def test_no_address_at_all(host: Machine) -> None:
    host.write(f"{SYSTEM}/egg.socket.d/listen.conf", "[Socket]\nListenStream=\n")
    [found] = listener.port(host.inspected())
    assert (found.state, found.hint) == (FAIL, "run eggd listen 7001")


def space(blocks: int, inodes: int) -> os.statvfs_result:
    """Returns a file system with this many free MiB and inodes."""
    return os.statvfs_result((4096, 1 << 20, 9999, blocks, blocks, 99999, inodes, inodes, 0, 255))


@pytest.mark.parametrize(
    ("mebibytes", "inodes", "state"),
    [(4096, 5000, OK), (500, 5000, WARN), (50, 5000, FAIL), (4096, 10, FAIL)],
)
def test_the_disk(mebibytes: int, inodes: int, state: str) -> None:
    assert machine.disk(Path("/var/log"), space(mebibytes, inodes)).state == state


def test_the_runtime_directory_needs_little_space() -> None:
    limits = machine.RUNTIME_LEAST, machine.RUNTIME_LITTLE
    states = [machine.disk(Path("/run"), space(size, 5000), *limits).state for size in (0, 2, 50)]
    assert states == [FAIL, WARN, OK]


@pytest.mark.parametrize(
    ("need", "state", "said"),
    [
        ("click>=8.1", OK, "8."),
        ("click>=99", FAIL, "is older than 99"),
        ("eggd-nothing>=1", FAIL, "is not installed"),
    ],
)
def test_a_library(need: str, state: str, said: str) -> None:
    found = packages.library(need, sys.path)
    assert (found.state, said in found.value) == (state, True)


@pytest.mark.parametrize(
    ("installed", "name", "said"),
    [
        (("orjson", "python_rapidjson"), "orjson", "1.4"),
        (("python_rapidjson",), "python-rapidjson", "1.4"),
        ((), "orjson", "is not installed, nor python-rapidjson (optional)"),
    ],
)
def test_the_library_for_json(
    tmp_path: Path, installed: Sequence[str], name: str, said: str
) -> None:
    for each in installed:
        folder = tmp_path / f"{each}-1.4.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Name: {each}\nVersion: 1.4\n")
    found = packages.fast_json([str(tmp_path)])
    assert (found.state, found.what, said in found.value) == (OK, name, True)


@pytest.mark.parametrize(
    ("older", "newer"), [("8.1.3", "8.10"), ("0.9", "1"), ("2.2", "2.2.1"), ("6.2+ds1", "6.3")]
)
def test_versions_are_compared_by_number(older: str, newer: str) -> None:
    assert packages.numbers(older) < packages.numbers(newer)


def test_the_checked_packages_are_the_projects_dependencies() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert [each for each in packages.needed() if f'"{each}"' not in text] == []
    assert len(packages.needed()) > 5


def test_it_is_a_table_for_people_and_json_for_programs(tmp_path: Path) -> None:
    host = Host(tmp_path)
    done = host.eggd("doctor", "--json")
    rows = json.loads(done.stdout)
    assert {row["state"] for row in rows} <= {OK, WARN, FAIL, UNSEEN}
    assert all(row["hint"] for row in rows if row["state"] in (WARN, FAIL))
    assert done.returncode == int(any(row["state"] == FAIL for row in rows))
    text = host.eggd("doctor").stdout
    assert [row["what"] for row in rows if f"  {row['what']}  " not in text] == []


def test_a_failed_check_sets_the_exit_code(tmp_path: Path) -> None:
    host = Host(tmp_path)
    (tmp_path / "defaults").write_text("EGG_SERVERENV=local\n")
    done = host.eggd("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    [line] = [line for line in done.stdout.splitlines() if line.startswith("fail")]
    assert line.endswith("EGG_SERVERENV: unknown key  (did you mean 'EGG_SERVER_ENV'?)")
