"""The life of the package on a host that serves: no request fails, whatever dpkg does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host import repository
from tests.host.conftest import Boot
from tests.host.host import Host

KILL_DPKG = "if [ -e /run/kill ]; then rm /run/kill; kill -9 $PPID; exit 1; fi"
"""In a postinst: the end of dpkg, its parent."""

KILL_AS_IT_UNPACKS = """
package=/usr/lib/python3/dist-packages/eggd
dpkg --unpack /srv/apt/pool/eggd_9.1_all.deb >/dev/null 2>&1 & dpkg=$!
until ls $package/*.dpkg-new >/dev/null 2>&1; do kill -0 $dpkg || exit 1; done
kill -9 $dpkg; wait $dpkg
"""
CONNECTIONS = 64
INSTALL = "apt-get -q update && apt-get -q install -y --allow-downgrades"


@pytest.fixture
def versions(deb: Path, tmp_path: Path) -> list[Path]:
    """The package; one with another conffile; one whose configuration can be killed."""
    return [
        deb,
        repository.successor(deb, tmp_path, "9.0", conffile="# A line of the new version.\n"),
        repository.successor(deb, tmp_path, "9.1", postinst=KILL_DPKG),
    ]


def prepared(boot: Boot, versions: list[Path]) -> Host:
    """A host with four workers, whose repository has all versions."""
    return boot("suite", workers=4, prepare=lambda host: repository.offer(host.root, *versions))


@pytest.mark.one_suite("trixie")
def test_upgrade_and_downgrade_under_load(boot: Boot, versions: list[Path]) -> None:
    """Each replaces all workers; a changed conffile stays with --force-confold."""
    host = prepared(boot, versions)
    settings, pids = host.out("cat /etc/default/eggd"), []
    with host.load(connections=CONNECTIONS) as load:
        for version in ("9.0", versions[0].name.split("_")[1]):
            pids.append(set(host.pids(4).values()))
            host.run(f"{INSTALL} -o Dpkg::Options::=--force-confold eggd={version}")
            assert host.status()["version"] == version
            assert host.out("ls /etc/default/eggd*").split()[1:] == ["/etc/default/eggd.dpkg-dist"]
    assert load.failures == []
    assert pids[0].isdisjoint(pids[1])
    assert pids[1].isdisjoint(host.pids(4).values())
    assert host.out("cat /etc/default/eggd") == settings


@pytest.mark.soak
def test_dpkg_ends_at_the_question_about_a_changed_conffile(
    boot: Boot, versions: list[Path]
) -> None:
    """Without a terminal nothing answers it: the old processes serve until it is repaired."""
    host = prepared(boot, versions)
    with host.load(connections=CONNECTIONS) as load:
        pids = host.pids(4)
        assert "at conffile prompt" in host.run(f"{INSTALL} eggd=9.0", check=False).stdout
        assert host.pids(4) == pids
        host.run("dpkg --configure -a --force-confnew")
    assert load.failures == []
    assert "A line of the new version" in host.out("cat /etc/default/eggd")
    assert host.status()["version"] == "9.0"


@pytest.mark.one_suite("bookworm")
def test_dpkg_that_is_killed_is_repaired_under_load(boot: Boot, versions: list[Path]) -> None:
    """While it unpacks, and while it configures."""
    host = prepared(boot, versions)
    with host.load(connections=CONNECTIONS) as load:
        host.run(KILL_AS_IT_UNPACKS, check=False)
        assert status(host) != "installed"
        host.run("dpkg --configure -a", check=False)  # cannot repair a package without its files
        host.run(f"touch /run/kill && {INSTALL} --fix-broken eggd=9.1", check=False)
        assert status(host) == "half-configured"
        host.run("dpkg --configure -a")
    assert load.failures == []
    assert (status(host), host.status()["version"]) == ("installed", "9.1")


def status(host: Host) -> str:
    """The state of the package: installed, half-installed, half-configured."""
    return host.out("dpkg-query -W -f '${db:Status-Status}' eggd")
