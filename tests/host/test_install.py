"""`apt install eggd`, by name, on Debian 12 and 13, with and without D-Bus; upgrade; purge."""

from __future__ import annotations

import pytest

from tests.host import repository
from tests.host.conftest import Boot
from tests.host.rootfs import BOOKWORM, BOOKWORM_NODBUS, TRIXIE, Flavour

FLAVOURS = [BOOKWORM, BOOKWORM_NODBUS, TRIXIE]
ALL = [
    "egg-agent.service",
    "egg-agent.socket",
    "egg-master.service",
    "egg-worker@1.service",
    "egg-worker@2.service",
    "egg-worker@3.service",
    "egg-worker@4.service",
    "egg.socket",
]


@pytest.mark.parametrize("flavour", FLAVOURS, ids=lambda flavour: flavour.name)
def test_install_by_name_then_four_workers(boot: Boot, flavour: Flavour, deb) -> None:
    host = boot(flavour=flavour, installed=False, prepare=lambda h: repository.offer(h.root, deb))
    host.run("apt-get -q update && apt-get -q install -y eggd")
    assert host.http("/").text == "hi, egg"
    host.run("systemctl start egg-worker@{1..4}")
    assert host.active() == ALL
    assert "ready" in host.journal("egg-agent")
    pids = set(host.pids(4).values())
    assert len(pids) == 4
