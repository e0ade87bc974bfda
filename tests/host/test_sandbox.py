"""`eggd sandbox` on booted hosts: each refusal is explained, and its command allows it."""

from __future__ import annotations

import json

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

REFUSED = {
    "write": ("write /srv/app/data/file", "eggd sandbox allow write /srv/app/data"),
    "home": ("see /home/operator/ok", "eggd sandbox allow home read-only"),
    "family": ("a socket of AF_NETLINK", "eggd sandbox allow family AF_NETLINK"),
    "syscall": ("the system call setpriority", "eggd sandbox allow syscall setpriority"),
    "memory": ("memory that is written and executed", "eggd sandbox allow memory execute"),
}
"""The attempt of each action of the app, and the command that allows it."""


def prepare(host: Host) -> None:
    """Makes what the actions write and read."""
    host.write("/home/operator/ok", "ok")
    host.serve("confined")
    (host.root / "srv/app/data").mkdir()


def explained(host: Host) -> dict[str, str]:
    """`eggd sandbox explain --json`: what was refused to the workers, and the command."""
    records = json.loads(host.out("journalctl --sync; eggd sandbox explain --json"))
    return {each["refused"]: each["command"] for each in records if each["process"] == "worker"}


def test_what_is_refused_is_explained_and_the_commands_allow_it(boot: Boot) -> None:
    """A grant is in force after the reload that the command names, and can be taken back."""
    host = boot(prepare=prepare)
    assert {name: host.http(f"/{name}").status for name in REFUSED} == dict.fromkeys(REFUSED, 500)
    assert explained(host) == dict(REFUSED.values())
    for _, command in REFUSED.values():
        assert "'eggd reload' makes it live" in host.out(command)
    again = host.run(REFUSED["write"][1])
    assert "user eggd may not write to it: chown eggd: /srv/app/data" in again.stderr
    host.run("chown eggd: /srv/app/data && eggd reload")
    assert {name: host.http(f"/{name}").text for name in REFUSED} == dict.fromkeys(REFUSED, "ok")

    shown = json.loads(host.out("eggd sandbox show --json"))
    assert [each["kind"] for each in shown["grants"]] == sorted(REFUSED) * 2
    assert 1.1 < shown["exposure"]["worker"] < 2.5
    for _, command in REFUSED.values():
        host.run(f"{command.replace('allow', 'remove')} --unit worker")
    host.run("eggd reload")
    assert {name: host.http(f"/{name}").status for name in REFUSED} == dict.fromkeys(REFUSED, 500)


@pytest.mark.one_suite("trixie")
def test_a_directory_that_was_removed_is_named(boot: Boot) -> None:
    """The unit cannot start then, and no process of eggd runs that could say why."""
    host = boot(prepare=prepare)
    host.run("eggd sandbox allow write /srv/app/data && rmdir /srv/app/data")
    host.run("eggd restart", check=False)
    said = host.out("journalctl --sync; eggd sandbox explain")
    assert "eggd sandbox remove write /srv/app/data" in said
