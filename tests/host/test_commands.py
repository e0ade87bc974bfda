"""`eggd` on a host: scale, listen, check; and what heals a lost log directory."""

from __future__ import annotations

import json

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

pytestmark = pytest.mark.one_suite("bookworm")


@pytest.fixture
def host(boot: Boot) -> Host:
    """Two workers on the suite app."""
    return boot("suite", workers=2)


def test_scale_up_and_down_is_kept_over_a_boot(host: Host) -> None:
    host.run("eggd scale 4")
    assert 0 not in host.pids(4).values()
    host.run("eggd scale 3")
    host.reboot()
    assert [slot for slot, pid in host.pids(4).items() if pid] == [1, 2, 3]


def test_listen_moves_the_suite_to_another_port(host: Host) -> None:
    host.run("eggd listen 8080 && systemctl restart egg-master")
    assert host.http("/", port=8080).status == 200
    assert host.refuses(7001)


def test_check_agrees_with_a_worker_as_root_and_as_another_user(host: Host) -> None:
    host.run("eggd check")
    host.write("/srv/app/app/router.py", "def router(app)\n")
    for user in ("root", "nobody"):
        done = host.run("eggd check /srv/app", user=user, check=False)
        assert done.returncode == 1
        assert "/srv/app/app/router.py:1" in done.stderr
        assert "Traceback" not in done.stderr


def test_one_worker_started_alone_brings_sockets_and_agent(host: Host) -> None:
    host.run("systemctl stop egg-master && systemctl start egg-worker@2")
    assert host.active() == [
        "egg-agent.service", "egg-agent.socket", "egg-worker@2.service", "egg.socket",
    ]  # fmt: skip
    assert host.http("/").text == str(host.pid("egg-worker@2"))


def test_lost_log_directory_is_reported_and_a_reload_restores_it(host: Host) -> None:
    host.run("rm -r /var/log/eggd")
    host.http("/write")
    host.http("/enough")
    host.await_journal("egg-worker@1", "wrote [0-9]+ lines")
    assert host.http("/").status == 200
    host.await_journal("egg-worker@1", "/var/log/eggd")
    host.await_status("egg-worker@1", "^ready.*/var/log/eggd")
    host.run("eggd reload")
    assert "/var/log/eggd" not in host.show("egg-worker@1", "StatusText")
    assert "shared.log" in host.out("ls /var/log/eggd")


def test_the_doctor_finds_nothing_on_a_sound_host_and_says_what_it_may_not_see(host: Host) -> None:
    for user in ("root", "nobody"):
        done = host.run("eggd doctor", user=user)
        assert not [line for line in done.stdout.splitlines() if line.startswith("fail")]
        assert "/var/log/eggd" in done.stdout
    found = json.loads(host.out("eggd doctor --json"))
    states = {row["what"]: row["state"] for row in found}
    assert {states[unit] for unit in ("egg.socket", "egg-worker@.service", "port 7001")} == {"ok"}


def test_the_doctor_sees_what_was_changed(host: Host) -> None:
    host.run("chown root:root /var/log/eggd && systemctl disable egg-master")
    host.write("/etc/systemd/system/egg-worker@.service.d/own.conf", "[Service]\nType=simple\n")
    done = host.run("eggd doctor", check=False)
    warned = [line for line in done.stdout.splitlines() if line.startswith("warn")]
    for text in ("own.conf", "daemon-reload", "/var/log/eggd", "at boot"):
        assert [line for line in warned if text in line], text


def test_a_project_is_made_on_the_host_and_loads_there(host: Host) -> None:
    """The package brings templates, manual and completion; pytest it only suggests."""
    host.run("eggd init /srv/new --type api")
    done = host.run("cd /srv/new && eggd check && eggd routes")
    assert done.stdout.startswith("new (prod) loads: ")
    assert "/api/notes/:id" in done.stdout
    done = host.run("cd /srv/new && eggd test", check=False)
    hint = "run pip install pytest, or apt install python3-pytest"
    assert done.stderr == f"error: pytest is not installed for /usr/bin/python3 ({hint})\n"
    assert "eggd init" in host.out("zcat /usr/share/man/man1/eggd.1.gz")
    script = ". /usr/share/bash-completion/completions/eggd"
    ask = "COMP_WORDS=(eggd doc) COMP_CWORD=1; _eggd_completion eggd; echo ${COMPREPLY[@]}"
    assert host.out(f"bash -c '{script}; {ask}'").strip() == "doctor"
