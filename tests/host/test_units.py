"""The units as systemd sees them on both suites: clean, confined, quiet."""

from __future__ import annotations

import time

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

# With all five processes: what the watchdogs of WatchdogSec=10 need is one wake-up a second.
WAKEUPS_A_SECOND = 5
SWITCHES = "cat $(grep -l '^eggd' /proc/[0-9]*/cmdline | sed 's,cmdline,task/*/status,')"


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    """Four workers on the welcome app."""
    return module_boot(workers=4)


def test_units_are_clean(host: Host) -> None:
    done = host.run("systemd-analyze verify --man=no /lib/systemd/system/egg[.-]*", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("unit", "most"), [("egg-worker@1", 1.1), ("egg-agent", 1.1), ("egg-master", 0.8)]
)
def test_exposure_is_low(host: Host, unit: str, most: float) -> None:
    assert exposure(host, unit) <= most


def exposure(host: Host, unit: str) -> float:
    """The last line of `systemd-analyze security` as a number."""
    last = host.out(f"systemd-analyze security --no-pager {unit}.service | tail -1")
    return float(last.partition(": ")[2].split()[0])


def test_no_start_limit_can_take_the_sockets_down(host: Host) -> None:
    services = host.out("systemctl show -P StartLimitIntervalUSec 'egg-worker@*' egg-agent")
    sockets = host.out("systemctl show -P TriggerLimitIntervalUSec egg.socket egg-agent.socket")
    assert set(services.split()) == set(sockets.split()) == {"0"}


def test_idle_suite_hardly_wakes(host: Host) -> None:
    # The one wait that is a measurement: wake-ups over ten seconds of doing nothing.
    before, began = wakeups(host), time.monotonic()
    time.sleep(10)
    rate = (wakeups(host) - before) / (time.monotonic() - began)
    assert 0 < rate < WAKEUPS_A_SECOND


def wakeups(host: Host) -> int:
    """Voluntary context switches so far, of every thread of every process of the suite."""
    pids = [host.pid("egg-agent"), *host.pids(4).values()]
    status = " ".join(f"/proc/{pid}/task/*/status" for pid in pids)
    counts = host.out(f"grep -h ^voluntary_ctxt_switches {status}")
    return sum(int(line.split()[1]) for line in counts.splitlines())


def test_offline_drop_in_tightens_and_still_serves(boot: Boot) -> None:
    host = boot()
    for unit in ("egg-worker@", "egg-agent"):
        folder = f"/etc/systemd/system/{unit}.service.d"
        host.run(f"mkdir {folder} && cp /usr/share/doc/eggd/examples/offline.conf {folder}/")
    host.run("systemctl daemon-reload && systemctl restart egg-master")
    assert host.http("/").status == 200
    assert exposure(host, "egg-worker@1") <= 0.3
    assert exposure(host, "egg-agent") <= 0.3


def test_app_with_a_virtual_environment_uses_its_c_extension(boot: Boot) -> None:
    host = boot()
    host.serve("venv")
    version = host.out("python3 -c 'import sys; print(sys.version_info.minor)'")
    packages = f"/srv/app/.venv/lib/python3.{version}/site-packages"
    host.run(
        "python3 -m venv --without-pip --system-site-packages /srv/app/.venv"
        f" && mv /usr/lib/python3/dist-packages/markupsafe {packages}/"
        " && systemctl restart egg-master"
    )
    interpreter, extension = host.http("/").text.split()
    assert interpreter == "/srv/app/.venv/bin/python"
    assert extension.startswith(f"{packages}/markupsafe/_speedups.")
