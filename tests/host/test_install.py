"""`apt install eggd`, by name, on Debian 12 and 13, with and without D-Bus; upgrade; purge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host import repository
from tests.host.conftest import Boot, params
from tests.host.host import Host
from tests.host.rootfs import BOOKWORM, BOOKWORM_NODBUS, TRIXIE

EVERY = pytest.mark.parametrize("flavour", params(BOOKWORM, BOOKWORM_NODBUS, TRIXIE), indirect=True)
# Only the installation itself could depend on D-Bus on Debian 12.
EVERY_IN_SOAK = pytest.mark.parametrize(
    "flavour", params(BOOKWORM_NODBUS, TRIXIE, soak=[BOOKWORM]), indirect=True
)
SUITE = ["egg-agent.service", "egg-agent.socket", "egg-master.service", "egg.socket"]
INSTALL = "apt-get -q update && apt-get -q install -y eggd"
# Files that apt, dpkg, systemd and the journal write. The user stays (sysusers).
KEPT = (
    "/etc/.pwd.lock", "/etc/group-", "/etc/gshadow-", "/etc/passwd-", "/etc/shadow-",
    "/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log/apt", "/var/log/dpkg.log",
    "/var/log/alternatives.log", "/var/log/journal", "/var/lib/systemd",
    "/run/systemd", "/run/log", "/tmp/systemd-private", "/var/tmp/systemd-private",
)  # fmt: skip


def fresh(boot: Boot, deb: Path) -> Host:
    """A host without eggd that finds the packages of this version in its repository."""
    return boot(installed=False, prepare=lambda host: repository.offer(host.root, *packages(deb)))


def packages(deb: Path) -> list[Path]:
    """The packages of this version, that of the documentation too."""
    return sorted(deb.parent.glob(deb.name.replace("eggd_", "eggd*_")))


def suite(*slots: int) -> list[str]:
    """The names of all parts, with these workers."""
    return sorted([*SUITE, *(f"egg-worker@{slot}.service" for slot in slots)])


@EVERY
def test_install_by_name_starts_one_worker_on_the_welcome_app(boot: Boot, deb: Path) -> None:
    host = fresh(boot, deb)
    host.run(INSTALL)
    assert host.http("/").text == "hi, egg"
    assert host.active() == suite(1)
    assert "agent of welcome (prod) is ready" in host.journal("egg-agent")
    logs = host.out("stat -c '%a %U %G' /var/log/eggd; stat -c '%a %U %G' /var/log/eggd/*.log")
    assert set(logs.splitlines()) == {"2750 eggd adm", "640 eggd adm"}


@pytest.mark.one_suite("trixie")
@EVERY_IN_SOAK
def test_a_repository_that_the_key_did_not_sign_is_refused(boot: Boot, deb: Path) -> None:
    """An index that was changed later, and one without a known key, install nothing."""
    host = fresh(boot, deb)
    host.run("sed -i s/^Version:.*/Version:\\ 9.0/ /srv/apt/dists/*/main/binary-*/Packages")
    assert "Hash Sum mismatch" in host.run(INSTALL, check=False).stderr
    host.write(f"/{repository.KEY}", "")
    assert "not signed" in host.run(INSTALL, check=False).stderr
    assert host.out("dpkg -l eggd 2>/dev/null || :") == ""


@pytest.mark.one_suite("trixie")
@EVERY_IN_SOAK
def test_the_documentation_installs_beside_the_program(boot: Boot, deb: Path) -> None:
    """An example of eggd-doc, copied to /srv, is an app that the suite serves."""
    host = boot(prepare=lambda host: repository.offer(host.root, *packages(deb)))
    host.run(f"{INSTALL} eggd-doc && cp -r /usr/share/doc/eggd/examples/hello /srv/app")
    host.run("echo EGG_BASE_DIR=/srv/app >>/etc/default/eggd && systemctl restart egg-master")
    assert host.http("/").status == 200
    assert host.out("head -1 /usr/share/doc/eggd/docs/install.md") == "# Installing eggd"


@EVERY_IN_SOAK
def test_four_workers_share_the_listener_and_master_takes_all_along(boot: Boot) -> None:
    host = boot()
    host.run("systemctl disable --now egg-master egg-worker@1")
    host.serve("suite", workers=0)
    host.run("systemctl start egg-worker@{1..4}")
    answered = {host.http("/").text for _ in range(200)}
    for user in ("root", "nobody"):
        shown = {str(worker["pid"]) for worker in host.status(user=user)["workers"]}
        assert (len(answered), answered) == (4, shown)

    host.run("systemctl enable --now egg-worker@{1..4} && systemctl enable --now egg-master")
    assert host.active() == suite(1, 2, 3, 4)
    host.run("systemctl stop egg-master")
    assert (host.active(), host.processes(), host.refuses()) == ([], [], True)
    host.run("systemctl start egg-master")
    assert host.active() == suite(1, 2, 3, 4)
    before = {host.pid("egg-agent"), *host.pids(4).values()}
    host.run("systemctl restart egg-master")
    assert host.active() == suite(1, 2, 3, 4)
    assert before.isdisjoint({0, host.pid("egg-agent"), *host.pids(4).values()})


@EVERY_IN_SOAK
def test_purge_leaves_no_file(boot: Boot, deb: Path) -> None:
    host = fresh(boot, deb)
    before = files(host)
    host.run(f"{INSTALL} && eggd scale 3 && eggd sandbox allow family AF_NETLINK")
    host.run("echo secret | eggd credential set password --stdin")
    host.http("/")
    host.run("apt-get -q purge -y eggd")
    left = sorted(path for path in files(host) - before if not path.startswith(KEPT))
    assert (left, host.active(), host.processes()) == ([], [], [])


def files(host: Host) -> set[str]:
    """Every path on the host's own file systems."""
    return set(host.out("find / -xdev; find /run /tmp /var/tmp /dev/shm -xdev").splitlines())


@pytest.mark.one_suite("bookworm")
def test_installed_again_after_a_removal_it_serves_as_before(boot: Boot, deb: Path) -> None:
    host = boot(prepare=lambda host: repository.offer(host.root, deb))
    host.run("eggd scale 2 && echo '# mine' >>/etc/default/eggd")
    host.run("apt-get -q remove -y eggd")
    assert (host.active(), host.processes()) == ([], [])
    host.run(INSTALL)
    assert host.active() == suite(1, 2)
    assert host.out("tail -n 1 /etc/default/eggd") == "# mine"


@pytest.mark.one_suite("trixie")
def test_an_upgrade_leaves_a_stopped_suite_stopped(boot: Boot, deb: Path, tmp_path: Path) -> None:
    host = boot()
    host.run("systemctl stop egg-master")
    repository.offer(host.root, repository.successor(deb, tmp_path, "9.0"))
    host.run(INSTALL)
    assert host.active() == []


@pytest.mark.one_suite("bookworm")
def test_policy_rc_d_is_asked(boot: Boot, deb: Path) -> None:
    host = fresh(boot, deb)
    host.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")
    host.run(f"chmod +x /usr/sbin/policy-rc.d && {INSTALL}")
    assert host.active() == []
    host.reboot()
    assert host.active() == suite(1)
