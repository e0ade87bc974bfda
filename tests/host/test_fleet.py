"""`eggd deploy --hosts` to three booted hosts behind HAProxy, with one Redis or Valkey, by sshd."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.conftest import Boot
from tests.host.fleet import LATE, NAMES, Fleet
from tests.host.rootfs import Flavour

# A group of its own: four hosts with further packages share no layer with the other tests. On a
# new machine the first test also builds two bases.
pytestmark = [
    pytest.mark.one_suite("bookworm"),
    pytest.mark.xdist_group("fleet"),
    pytest.mark.timeout(800),
]

Figure = Callable[[str], None]


@pytest.fixture(scope="module")
def fleet(module_boot: Boot, flavour: Flavour, deb: Path) -> Fleet:
    """Three hosts that serve release 1."""
    fleet = Fleet.boot(module_boot, flavour, deb)
    done = fleet.deploy(fleet.source("1"), "--healthy 0s")
    assert done.returncode == 0, done.stderr
    assert fleet.versions() == ["1", "1", "1"]
    fleet.await_up()
    return fleet


def test_a_roll_and_a_broken_release_fail_no_request(fleet: Fleet) -> None:
    before = fleet.downs()
    with fleet.load():
        done = fleet.deploy(fleet.source("2"), "--healthy 1s --drain 2s")
        assert done.returncode == 0, done.stderr
        assert fleet.versions() == ["2", "2", "2"]
        after = fleet.downs()
        bad = fleet.deploy(fleet.source("3", LATE), "--healthy 5s")
    assert [each["outcome"] for each in hosts_of(done.stdout)] == ["deployed"] * 3
    outs = {name: after[name] - before[name] for name in after}
    assert outs.pop("BACKEND") == 0  # a host was there all the time
    assert min(outs.values()) >= 1, outs  # each was out for its drain
    assert bad.returncode == 1
    error = bad.stderr.splitlines()[-1]
    assert error.startswith("error: shop-1 failed: "), error
    assert "GET /page answers 503" in error
    assert error.endswith("; 0 of 3 hosts run the new release"), error
    assert [each["outcome"] for each in hosts_of(bad.stdout)] == ["failed", *["untouched"] * 2]
    assert [each["version"] for each in hosts_of(bad.stdout)] == ["2", "2", "2"]
    assert fleet.versions() == ["2", "2", "2"]
    known = fleet.known()
    assert [each["host"] for each in known] == ["shop-1", "shop-2", "shop-3"]
    assert len({each["code"] for each in known}) == 1
    print(fleet.figure, [round(each) for each in fleet.took])


def hosts_of(text: str) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(text)["hosts"]
    return listed


def test_an_unreachable_host_is_reported_before_anything_changes(fleet: Fleet) -> None:
    before = fleet.versions()
    fleet.hosts[1].run("systemctl stop ssh.socket ssh.service", check=False)
    try:
        done = fleet.deploy(fleet.source("4"))
    finally:
        fleet.hosts[1].run("systemctl start ssh")
    assert done.returncode == 3, done.stderr
    assert "shop-2 is unreachable: ssh: connect to host shop-2 port 22:" in done.stderr
    assert fleet.versions() == before


@pytest.mark.soak
def test_many_rolls_fail_no_request(fleet: Fleet, figure: Figure) -> None:
    """Rolls with and without a drain, and a broken release after every third."""
    with fleet.load():
        for number in range(4):
            drain = "--drain 3s" if number % 2 else ""
            done = fleet.deploy(fleet.source(f"5.{number}"), "--healthy 3s", drain)
            assert done.returncode == 0, done.stderr
            if number % 3 == 2:
                bad = fleet.deploy(fleet.source(f"6.{number}", LATE), "--healthy 5s", drain)
                assert bad.returncode == 1, bad.stderr
            assert fleet.versions() == [f"5.{number}"] * len(NAMES)
    figure(f"4 rolls, 1 undone: {fleet.figure}")
