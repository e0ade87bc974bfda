"""`eggd sandbox`: the drop-ins that it writes, and the input that it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from eggd.host.unit_credentials import app_units
from eggd.suite.names import SuiteNames
from tests.cli.host import Host, error

pytestmark = pytest.mark.slow

UNITS = app_units(SuiteNames())
CALLS = "#!/bin/sh\nprintf '@resources\\n    # Alter them\\n    nice\\n    setpriority\\n'\n"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A host with a directory of an app, whose systemd-analyze knows three system calls."""
    host = Host(tmp_path)
    (host.home / "bin/systemd-analyze").write_text(CALLS)
    (host.home / "bin/systemd-analyze").chmod(0o755)
    (tmp_path / "root/srv/shop/uploads").mkdir(parents=True)
    return host


def ran(host: Host, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command on the files of `root`."""
    return host.eggd("sandbox", *arguments, f"--root={host.home}/root")


def lines(host: Host, unit: str) -> list[str]:
    """The directives of the drop-in of a unit; [] without one."""
    file = host.home / f"root/etc/systemd/system/{unit}.d/sandbox.conf"
    return [line for line in file.read_text().splitlines() if "=" in line] if file.exists() else []


def test_grants_are_lines_of_a_drop_in_of_each_unit(host: Host) -> None:
    """The same grant twice changes nothing; --unit leaves the other unit alone."""
    said = ran(host, "allow", "write", "/srv/shop/uploads/")
    assert "\nReadWritePaths=/srv/shop/uploads\n" in said.stdout
    assert said.stdout.endswith("'eggd reload' makes it live\n")
    assert ran(host, "allow", "write", "/srv/shop/uploads").stdout == (
        "write /srv/shop/uploads is already allowed\n"
    )
    said = ran(host, "allow", "syscall", "@resources", "--unit", "worker")
    assert said.stdout.endswith("'eggd reload' makes it live\n")
    write, call = "ReadWritePaths=/srv/shop/uploads", "SystemCallFilter=@resources"
    assert {unit: lines(host, unit) for unit in UNITS} == {
        UNITS[0]: [call, write],
        UNITS[1]: [write],
    }
    shown = json.loads(ran(host, "show", "--json").stdout)["grants"]
    assert [(each["unit"], each["kind"]) for each in shown] == [
        ("worker", "syscall"),
        ("worker", "write"),
        ("agent", "write"),
    ]


def test_each_kind_can_be_taken_back(host: Host) -> None:
    """The file goes with the last grant."""
    grants = [("home", "read-only"), ("family", "AF_NETLINK"), ("memory", "execute")]
    for each in grants:
        assert ran(host, "allow", *each).returncode == 0
    assert lines(host, UNITS[1]) == [
        "RestrictAddressFamilies=AF_NETLINK",
        "ProtectHome=read-only",
        "MemoryDenyWriteExecute=no",
    ]
    for each in grants:
        assert ran(host, "remove", *each).returncode == 0
    assert list((host.home / "root/etc/systemd/system").rglob("*.conf")) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("allow", "wirte", "/srv"), "'wirte' is not a kind of grant (did you mean 'write'?)"),
        (("allow", "write", "srv/shop"), "write: 'srv/shop' cannot be in a unit file (an absolute"),
        (("allow", "write", "/srv/a b"), "write: '/srv/a b' cannot be in a unit file (an absolute"),
        (("allow", "write", "/srv/shop/../.."), "write: / belongs to the system (name a directory"),
        (("allow", "write", "/proc/sys"), "write: /proc/sys belongs to the system (name a"),
        (("allow", "write", "/home/ann"), "write: the units do not see /home/ann (ProtectHome=)"),
        (
            ("allow", "write", "/srv/absent"),
            "write: /srv/absent does not exist, so no unit would start",
        ),
        (
            ("allow", "home", "write"),
            "'write' cannot be allowed here (the only value is read-only)",
        ),
        (("allow", "family", "AF_NETLNK"), "(did you mean 'AF_NETLINK'?)"),
        (("allow", "syscall", "setprioriti"), "(did you mean 'setpriority'?)"),
        (("remove", "family", "AF_NETLINK"), "family AF_NETLINK is not allowed (run 'eggd sandbox"),
    ],
)
def test_bad_input_is_one_line(host: Host, arguments: tuple[str, ...], message: str) -> None:
    ended = ran(host, *arguments)
    assert message in error(ended)
    assert not (host.home / "root/etc").exists()


def test_without_the_units_there_is_no_sandbox(host: Host) -> None:
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "eggd", "sandbox", "explain"],
        env={**host.environ, "PATH": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "eggd's units are not installed on this host" in error(ended)
