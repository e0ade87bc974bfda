"""Problems that commands report on a booted host: mixed versions, a removed inbox, a crash."""

from __future__ import annotations

import pytest

from tests.host.conftest import Boot

pytestmark = pytest.mark.one_suite("bookworm")

WORKERS = 2


def test_a_mixture_and_a_removed_inbox_are_reported_and_repaired_by_a_reload(boot: Boot) -> None:
    host = boot("suite", workers=WORKERS)
    host.run("cp -a /srv/app /srv/next")
    host.configure(EGG_BASE_DIR="/srv/next")
    host.run("systemctl restart egg-worker@2")
    agent = host.pid("egg-agent")
    shown = host.run("eggd status", check=False)
    assert (shown.returncode, "2 applications are mixed" in shown.stdout) == (1, True), shown.stdout
    assert "eggd reload" in shown.stdout
    host.run("rm /run/eggd/agent.sock")
    with host.load(connections=16) as load:
        host.run("eggd reload")
    assert load.failures == []
    assert host.pid("egg-agent") not in (0, agent)
    shown = host.run("eggd status", check=False)
    assert shown.returncode == 0, shown.stdout
    assert host.out("stat -c '%a %U' /run/eggd/agent.sock").split() == ["660", "eggd"]


def test_a_death_without_output_is_reported_with_its_signal(boot: Boot) -> None:
    host = boot("suite", workers=1)
    host.write("/srv/app/app.py", "import os\nos.kill(os.getpid(), 11)\n")
    done = host.run("systemctl restart egg-master", check=False)
    assert done.returncode != 0
    assert "killed by SIGSEGV" in host.journal("egg-master")
